"""`make test` installs the tools it may install, and otherwise says exactly what is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL = "sudo apt-get update && sudo apt-get install -y chromium poppler-utils strace"


class Machine:
    """A machine whose commands are the scripts in one folder."""

    def __init__(self, folder: Path, script: Path) -> None:
        self.folder = folder
        self.script = script
        self.has("id", "echo 1000")
        for name in ("touch", "chmod"):
            (folder / name).symlink_to(str(shutil.which(name)))

    def has(self, name: str, body: str = "") -> None:
        """Give the machine a command."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def run(self, **environ: str) -> subprocess.CompletedProcess[str]:
        """Return what the script did on this machine."""
        settings = {"PATH": str(self.folder), **environ}
        return subprocess.run(["/bin/sh", self.script], env=settings, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(repo: Path, tmp_path: Path) -> Machine:
    return Machine(tmp_path, repo / "tools/test_tools.sh")


def test_nothing_is_said_when_everything_is_there(machine: Machine) -> None:
    machine.has("chromium")
    machine.has("pdftoppm")
    machine.has("strace")
    done = machine.run(CI="true")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_at_a_desk_the_missing_tools_are_named_with_the_command(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 0
    assert INSTALL in done.stdout


def test_in_ci_a_missing_tool_is_a_failure(machine: Machine) -> None:
    done = machine.run(CI="true")
    assert done.returncode == 1
    assert INSTALL in done.stdout


def test_a_chromium_elsewhere_counts(machine: Machine) -> None:
    machine.has("pdftoppm")
    machine.has("strace")
    machine.has("my-chromium")
    assert machine.run(CI="true", LANDMAP_CHROMIUM=str(machine.folder / "my-chromium")).returncode == 0


@pytest.mark.parametrize("right", ["id", "sudo"])
def test_the_tools_are_installed_when_we_may(machine: Machine, right: str) -> None:
    machine.has("id", "echo 0" if right == "id" else "echo 1000")
    if right == "sudo":
        machine.has("sudo", 'shift\nexec "$@"')
        machine.has("true")
    files = [f"{machine.folder}/{name}" for name in ("chromium", "pdftoppm", "strace")]
    installs = "; ".join(f"touch {file} && chmod +x {file}" for file in files)
    wanted = "*chromium*poppler-utils*strace*"
    machine.has("apt-get", f'case "$*" in update*) ;; {wanted}) {installs} ;; *) exit 100 ;; esac')
    done = machine.run(CI="true")
    assert (done.returncode, done.stderr) == (0, "")
    assert (machine.folder / "chromium").exists()


def test_an_install_that_fails_is_told(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("apt-get", "exit 100")
    done = machine.run(CI="true")
    assert done.returncode == 1
    assert "apt-get could not install: chromium poppler-utils strace" in done.stdout
