# `make` runs the study in config.yaml to its report; `make test` runs the tests.
# Both first set up .venv from constraints.txt. STUDY=other.yaml runs another study.
# `make bench` compares the speed with others, which get an environment of their own.

PYTHON ?= python3
BIN := .venv/bin
STUDY ?= config.yaml

.PHONY: report test check bench clean-env

report: .venv/installed
	$(BIN)/snakemake --cores all --configfile $(STUDY)

test: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

check: .venv/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

bench: .venv/installed .venv/peers/installed
	$(BIN)/python benchmarks/speed/run.py $(abspath .venv/peers/bin/python)

.venv/peers/installed: benchmarks/speed/requirements.txt
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/python -m pip install --quiet --requirement benchmarks/speed/requirements.txt
	touch $@

.venv/installed: pyproject.toml constraints.txt
	@echo "Setting up .venv; this takes a minute or two."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean-env:
	rm -rf .venv
