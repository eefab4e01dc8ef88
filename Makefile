# leadflow: `make up` starts everything, `make test` checks everything. Both install what they need.

BIN := .venv/bin
INSTALLED := .venv/.installed
PYTHONS := $(PYTHON) python3 python3.11 python3.12 python3.13 python3.14 python
WORKERS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DELETE_ON_ERROR:
.PHONY: help install up down test unit format lock clean

help:
	@echo 'make up       start the whole system and print where to look; Ctrl-C stops it'
	@echo 'make down     stop a system that runs in the background'
	@echo 'make install  only create .venv and install into it (PYTHON=… chooses the interpreter)'
	@echo 'make test     everything a change must pass: format, lint, types, imports, tests, coverage'
	@echo 'make unit     only the tests that need no server (ARGS=… goes to pytest)'
	@echo 'make format   format the code, fix what the linter can'
	@echo 'make lock     write requirements.lock anew from pyproject.toml (ARGS=--upgrade for new versions)'
	@echo 'make clean    remove caches and reports'

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	@echo 'Installing into .venv; the first time this takes a minute or two.'
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import ensurepip, sqlite3, ssl, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then exec $$python -m venv --clear .venv; fi; \
	done; \
	echo 'leadflow needs Python 3.11 or newer with its venv module, and none was found.' >&2; \
	echo 'Install one (on Debian and Ubuntu: apt-get install python3 python3-venv),' >&2; \
	echo 'or name it: make install PYTHON=/path/to/python3' >&2; \
	exit 1

up: install
	@$(BIN)/leadflow up

down: install
	@$(BIN)/leadflow down

test: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='leadflow/engine/*,leadflow/rules/*' --fail-under=100
	$(BIN)/coverage report --fail-under=85

unit: install
	$(BIN)/pytest -m 'not postgres and not temporal and not e2e' --numprocesses $(WORKERS) $(ARGS)

format: install
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: install
	$(BIN)/uv pip compile pyproject.toml --group dev --output-file requirements.lock \
	  --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet $(ARGS)

clean:
	rm -rf build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
	  .mypy_cache .pytest_cache .ruff_cache
	find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
