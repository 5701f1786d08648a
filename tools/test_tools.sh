#!/bin/sh
# See that the tests have Chromium (pages), poppler (PDF pages as pictures) and strace (faults at every call that touches
# the disk); install them from Debian when we may.
set -eu

missing() {
    found=
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && found=yes
    done
    [ -n "$found" ] || [ -x "${LANDMAP_CHROMIUM:-}" ] || printf ' chromium'
    command -v pdftoppm >/dev/null 2>&1 || printf ' poppler-utils'
    command -v strace >/dev/null 2>&1 || printf ' strace'
}

packages=$(missing)
[ -n "$packages" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        as_root=no
    fi
    if [ "$as_root" != no ]; then
        echo "installing for the tests:$packages"
        export DEBIAN_FRONTEND=noninteractive
        # shellcheck disable=SC2086  # both are lists of words
        { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $packages; } \
            </dev/null >/dev/null || echo "apt-get could not install:$packages"
    fi
fi

packages=$(missing)
[ -n "$packages" ] || exit 0
echo "The tests also need:$packages"
echo "  sudo apt-get update && sudo apt-get install -y$packages"
echo "A Chromium elsewhere: LANDMAP_CHROMIUM=/path/to/chromium"
if [ "${CI:-}" = true ]; then
    echo "CI=true: a missing tool is a failure."
    exit 1
fi
echo "Tests that need them are skipped."
