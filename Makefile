# `make demo` and `make test` set up everything they need; the rest is for daily work.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Many tests wait for something: one process more than there are cores.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: demo test test-full lint golden bench clean

demo: $(READY)
	@$(BIN)/erpmap demo

test: $(READY)
	$(BIN)/python -m tests.support.compliance
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# Before a release: storms and generators in full, an interpreter for each process.
test-full: $(READY)
	$(BIN)/python -m tests.support.compliance
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --full

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Everything that is written from the code: schemas, tables in the docs, golden files.
golden: $(READY)
	$(BIN)/python -m pytest --update-golden tests/test_generated.py tests/findings/test_diagnostics.py
	$(BIN)/erpmap test --update

# How fast, against what: some minutes. See benchmarks/README.md for rivals.
bench: $(READY)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.requests

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
