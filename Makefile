# Everything that a fresh Debian 12 machine needs is set up by these targets; later runs find it done.
#   make run         run the line on this machine, with softphone operators and demo calls; Ctrl-C stops it
#   make test        all tests, the live ones with a real Asterisk included
#   make test-full   the same with real durations
#   make lint        ruff, mypy, import rules, known vulnerabilities
#   make sbom        bill of materials of what runs (CycloneDX): out/sbom.cdx.json
#   make bench       measurements
#   make lock        make requirements/*.lock anew from pyproject.toml
#   make clean       remove what was made here (the cache in ~/.cache stays)

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEBIAN_PACKAGES ?= install
PYTEST ?= $(BIN)/python -m pytest
WORKERS ?= 2
CHECKED := routing asterisk_conf ivr agi_scripts api migrations hotline tests

.PHONY: help run test test-full lint audit sbom format bench lock clean debian

help:
	@sed -n 's/^#   //p' Makefile

run: $(VENV)/.ready-run
	@if [ "$$(id -u)" = 0 ] || [ -x /usr/sbin/asterisk ]; then exec $(BIN)/hotline up --demo; \
	elif command -v sudo >/dev/null; then echo "==> Asterisk's root folder needs root: running with sudo"; \
		exec sudo --preserve-env=XDG_CACHE_HOME,XDG_STATE_HOME,DATABASE_URL $(CURDIR)/$(BIN)/hotline up --demo; \
	else echo "make: run as root: Asterisk's root folder needs it" >&2; exit 2; fi

test: $(VENV)/.ready-dev
	@$(PYTEST) -n $(WORKERS) --dist loadfile tests/unit tests/contract tests/live

test-full: $(VENV)/.ready-dev
	@HOTLINE_TEST_FULL=1 $(PYTEST) -n $(WORKERS) --dist loadfile tests/unit tests/contract tests/live

lint: $(VENV)/.ready-dev
	@echo "==> ruff check";  $(BIN)/ruff check $(CHECKED) requirements
	@echo "==> ruff format"; $(BIN)/ruff format --check $(CHECKED) requirements
	@echo "==> mypy";        $(BIN)/mypy
	@echo "==> import rules"; $(BIN)/lint-imports
	@$(MAKE) audit

# Fails on a known vulnerability; where no data can be reached, it tells how many packages nobody has looked at.
audit: $(VENV)/.ready-dev
	@echo "==> known vulnerabilities"
	@mkdir -p out
	@$(BIN)/pip-audit --requirement requirements/run.lock --require-hashes --disable-pip --progress-spinner off \
		--timeout 10 --format json >out/audit.json 2>out/audit.log || true
	@$(BIN)/python requirements/audit.py <out/audit.json || { tail -n 3 out/audit.log >&2; exit 1; }

sbom: $(VENV)/.ready-dev
	@mkdir -p out
	@$(BIN)/python -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible \
		-o out/sbom.cdx.json requirements/run.lock
	@echo "out/sbom.cdx.json"

format: $(VENV)/.ready-dev
	@$(BIN)/ruff check --fix $(CHECKED)
	@$(BIN)/ruff format $(CHECKED)

bench: $(VENV)/.ready-dev
	@$(BIN)/python -m tests.bench

# pip checks every file against the hashes of the lock. The locks hold no address of a package index.
lock: $(VENV)/.ready-dev
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	@echo "==> requirements/run.lock, requirements/dev.lock"
	@set -- --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet; \
	$(BIN)/python -m uv pip compile pyproject.toml --extra all --group dev "$$@" -o requirements/dev.lock; \
	$(BIN)/python -m uv pip compile pyproject.toml --extra all -c requirements/dev.lock "$$@" -o requirements/run.lock

clean:
	@rm -rf $(VENV) out dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find $(CHECKED) -name __pycache__ -type d -prune -exec rm -rf {} +

debian:
	@if [ "$(DEBIAN_PACKAGES)" = install ]; then sh requirements/install_debian_packages.sh; fi

$(VENV)/bin/pip: | debian
	@command -v $(PYTHON) >/dev/null || { echo "make: no $(PYTHON); mend it with: apt-get install python3 python3-venv" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make: $(PYTHON) is older than 3.11; choose another one: make PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "==> making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# The development environment holds the running one too: with it the second stamp costs nothing.
$(VENV)/.ready-run: requirements/run.lock Makefile $(VENV)/bin/pip | debian
	@if [ ! -e $(VENV)/.ready-dev ] || [ requirements/dev.lock -nt $(VENV)/.ready-dev ]; then \
		echo "==> installing Python packages (requirements/run.lock)"; \
		$(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar on \
			--require-hashes -r requirements/run.lock; fi
	@sh requirements/link_project.sh $(VENV)
	@touch $@

$(VENV)/.ready-dev: requirements/dev.lock Makefile $(VENV)/bin/pip | debian
	@echo "==> installing Python packages (requirements/dev.lock)"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar on \
		--require-hashes -r requirements/dev.lock
	@sh requirements/link_project.sh $(VENV)
	@touch $@
