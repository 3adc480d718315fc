# `make` runs the study in config.yaml to its report; `make test` runs the tests.
# Both first set up .venv from constraints.txt. STUDY=other.yaml runs another study.
# `make bench` compares the speed with others, which get an environment of their own.
# `make paper-quick` and `make paper` do the experiment of examples/bergstra2012.
# `make test-all` runs the tests that take minutes, too.
# `make test-slurm` brings up a Slurm of one node, runs studies on it, and takes it down.
# `make test-wheel` and `make test-lowest` install the wheel with the lowest versions that
# pyproject.toml allows into an environment of its own; one runs a study there, one the tests.

PYTHON ?= python3
BIN := .venv/bin
STUDY ?= config.yaml

.PHONY: report test test-all test-slurm test-wheel test-lowest check bench paper paper-quick clean-env

report: .venv/installed
	$(BIN)/snakemake --cores all --configfile $(STUDY)

test: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2 -m "not slow"

test-all: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2

test-slurm: .venv/installed-cluster
	tests/cluster/install-slurm
	$(BIN)/python -m pytest tests/cluster

.venv/installed-cluster: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[slurm,cluster]'
	touch $@

LOWEST := .venv/lowest
PACKAGED := $(shell find snaketune plugins -type f -not -name '*.pyc')

test-wheel: $(LOWEST)/installed
	$(BIN)/python -m pytest tests/packaging/wheel.py

# Without the tests that take long and use no package but PyTorch, whose lowest version is the one
# in constraints.txt. What old packages warn of is of no use.
test-lowest: $(LOWEST)/installed-tests
	$(LOWEST)/bin/python -m pytest --numprocesses 2 --disable-warnings tests/unit \
	  --ignore tests/unit/paper --ignore tests/unit/running --ignore tests/unit/usercode \
	  --ignore tests/unit/commands --ignore tests/unit/planning/test_hostile_studies.py

# Compiling would be half of the work, and most of what it compiles is never imported.
$(LOWEST)/installed: .venv/installed $(PACKAGED) tests/packaging/lowest.py
	$(PYTHON) -m venv --clear $(LOWEST)
	$(BIN)/python tests/packaging/lowest.py > $(LOWEST)/constraints.txt
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(LOWEST)/wheel .
	$(LOWEST)/bin/python -m pip install --quiet --no-compile \
	  --constraint $(LOWEST)/constraints.txt $(LOWEST)/wheel/*.whl
	touch $@

$(LOWEST)/installed-tests: $(LOWEST)/installed
	$(LOWEST)/bin/python -m pip install --quiet --no-compile \
	  --constraint $(LOWEST)/constraints.txt hypothesis pyarrow pydantic pytest pytest-timeout pytest-xdist
	touch $@

check: .venv/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/python tests/packaging/lint.py
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/deptry .

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
