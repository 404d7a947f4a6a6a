# `make demo` and `make test` set up all that they need, in a virtual environment of their own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check bench conformance conformance-local conformance-versions faults fuzz format goldens clean kills

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Skiff needs Python 3.10 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.product: $(BIN)/uv pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable .
	@touch $@

$(VENV)/.development: $(VENV)/.product
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group dev
	@touch $@

demo: $(VENV)/.product ## Build, compile and run examples/quickstart, without Docker
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/quickstart/demo.sh

test: $(VENV)/.development ## Run the tests
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

check: $(VENV)/.development ## Lint, check types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.development ## Format and sort imports
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(VENV)/.development ## Measure against upstream kfp and Metaflow, side by side (minutes)
	$(BIN)/python -m benchmarks

conformance: $(VENV)/.development ## Compare with upstream kfp: a corpus of pipelines, its own tests, the examples (minutes)
	$(BIN)/python -m conformance

goldens: $(VENV)/.development ## Keep what the examples compile to as examples/*/golden.yaml
	$(BIN)/python -m conformance.example_goldens

conformance-local: $(VENV)/.development ## Call every pipeline of the corpus with upstream's kfp.local and with ours (minutes)
	$(BIN)/python -m conformance --only local --every 1

conformance-versions: $(VENV)/.development ## Read, recompile and run what older upstream versions compile (minutes)
	$(BIN)/python -m conformance --versions

kills: $(VENV)/.development ## Kill builds, pushes, store writers and runs at hundreds of instants (minutes)
	KFP_TEST_KILLS=300 $(BIN)/python -m pytest -k kill

faults: $(VENV)/.development ## Let every kind of request to a registry go wrong in every way (minutes)
	KFP_TEST_FAULTS=1 $(BIN)/python -m pytest --numprocesses $(WORKERS) tests/images/distribution/test_faults.py

fuzz: $(VENV)/.development ## Damage documents in thousands of ways, and schedule random pipelines (minutes)
	KFP_TEST_FUZZ=20000 $(BIN)/python -m pytest -k fuzz --timeout=3600

clean: ## Remove what these targets made
	rm -rf $(VENV) .work .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
