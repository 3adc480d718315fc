# `make` runs the study in config.yaml to its report; `make test` runs the tests.
# Both first set up .venv from constraints.txt. STUDY=other.yaml runs another study.

PYTHON ?= python3
BIN := .venv/bin
STUDY ?= config.yaml

.PHONY: report test check clean-env

report: .venv/installed
	$(BIN)/snakemake --cores all --configfile $(STUDY)

test: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

check: .venv/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

.venv/installed: pyproject.toml constraints.txt
	@echo "Setting up .venv; this takes a minute or two."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean-env:
	rm -rf .venv
