# `make` runs the study in config.yaml to its report; `make test` runs the tests.
# Both first set up .venv from constraints.txt. STUDY=other.yaml runs another study.
# `make bench` compares the speed with others, which get an environment of their own.
# `make paper-quick` and `make paper` do the experiment of examples/bergstra2012.
# `make test-slurm` brings up a Slurm of one node, runs studies on it, and takes it down.

PYTHON ?= python3
BIN := .venv/bin
STUDY ?= config.yaml

.PHONY: report test test-slurm check bench paper paper-quick clean-env

report: .venv/installed
	$(BIN)/snakemake --cores all --configfile $(STUDY)

test: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

test-slurm: .venv/installed-cluster
	tests/cluster/install-slurm
	$(BIN)/python -m pytest tests/cluster

.venv/installed-cluster: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[slurm,cluster]'
	touch $@

check: .venv/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

bench: .venv/installed .venv/peers/installed
	$(BIN)/python benchmarks/speed/run.py $(abspath .venv/peers/bin/python)

PAPER := examples/bergstra2012

paper-quick: .venv/installed
	$(BIN)/snakemake --cores all --configfile $(PAPER)/rectangles.yaml \
	  --config study=rectangles-quick 'searches={random: {trials: 64}}'

paper: .venv/installed
	$(BIN)/snakemake --cores all --configfile $(PAPER)/rectangles.yaml
	$(BIN)/snakemake --cores all --configfile $(PAPER)/convex.yaml

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
