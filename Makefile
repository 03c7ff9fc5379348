# `make demo` and `make test` set up everything they need; the rest is for daily work.
# NEWEST=1 installs the newest releases that pyproject.toml allows, in place of those in locks/:
#   make test NEWEST=1, or NEWEST=1 .ci/run
PYTHON ?= python3
VENV := $(if $(NEWEST),.venv-newest,.venv)
BIN := $(VENV)/bin
# Stamps: the first when the runtime is installed, the second when the tools of development are, too.
DEMO := $(VENV)/.demo
READY := $(VENV)/.ready
# Many tests wait for something: two processes more than there are cores.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)

.PHONY: demo test test-full lint sbom golden bench lock clean

demo: $(DEMO)
	@$(BIN)/erpmap demo

test: $(READY)
	$(BIN)/python -m tests.support.compliance
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Before a release: storms and generators in full, an interpreter for each process.
test-full: $(READY)
	$(BIN)/python -m tests.support.compliance
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --full

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_security_rules.py

# What is installed, as a CycloneDX bill of materials: dist/sbom.json. Needs no network.
sbom: $(READY)
	@mkdir -p dist
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file dist/sbom.json $(BIN)/python

# Everything that is written from the code: schemas, tables and findings in the docs, golden files.
golden: $(READY)
	$(BIN)/python -m pytest --update-golden tests/findings tests/test_generated.py
	$(BIN)/erpmap test --update

# How fast, against what: some minutes. See benchmarks/README.md for rivals.
bench: $(READY)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.requests

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

ifdef NEWEST
$(DEMO): $(READY)

$(READY): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade --upgrade-strategy eager --editable '.[dev]'
	@touch $@ $(DEMO)
else
# A lock holds the build backend too: nothing that has no hash is downloaded.
INSTALL = $(BIN)/python -m pip install --quiet --no-compile --only-binary :all: --require-hashes --requirement $(1) && \
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .

$(DEMO): locks/demo.txt pyproject.toml | $(BIN)/python
	$(call INSTALL,$<)
	@touch $@

$(READY): locks/dev.txt pyproject.toml | $(BIN)/python
	$(call INSTALL,$<)
	@touch $@ $(DEMO)
endif

# Writes locks/ anew, with the newest releases that pyproject.toml allows: for Python from 3.11 on,
# Linux, macOS and Windows. A package that is in both locks has one version.
COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --only-binary :all: --custom-compile-command 'make lock'
BACKEND = import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")

lock: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade uv
	$(BIN)/python -c '$(BACKEND)' | $(COMPILE) --all-extras --output-file locks/dev.txt pyproject.toml -
	$(BIN)/python -c '$(BACKEND)' | $(COMPILE) --extra simulator --extra new --constraint locks/dev.txt \
		--output-file locks/demo.txt pyproject.toml -

clean:
	rm -rf .venv .venv-newest .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
