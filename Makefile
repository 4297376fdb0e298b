# make run, make test, make test-browser, make check, make bench, make scoreboard, make mutants: each sets up what it needs in .venv first.
# Packages come from wherever pip is configured to look; arguments go through ARGS.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
MINIMUM := .venv-minimum
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=
# Two processes, tests handed out as they get ready; ARGS="-n 0" for one, which shows what a test prints as it goes.
PARALLEL := -n 2 --dist worksteal

.PHONY: help run test test-nightly test-minimum test-browser screenshots check format bench scoreboard mutants fuzz clean

help:
	@echo 'make run           set up and serve (ARGS="--store memory" goes to jobyard serve)'
	@echo 'make test          set up and run the tests (ARGS goes to pytest)'
	@echo 'make test-nightly  the same with the long profiles'
	@echo 'make test-minimum  the tests on the lowest versions of every dependency that pyproject.toml allows'
	@echo 'make test-browser  the pages in a real browser (Debian: chromium)'
	@echo 'make screenshots   take the pictures of the pages anew'
	@echo 'make check         format, lint and types'
	@echo 'make format        rewrite the files the way the check wants them'
	@echo 'make bench         the rows of PERFORMANCE beside their peers (ARGS="P1 P3")'
	@echo 'make scoreboard    the promises attacked, one table (ARGS="kills --quick")'
	@echo 'make mutants       the engine changed a little, and whether the tests notice (ARGS="engine.retry --sample 20")'
	@echo 'make fuzz          look for inputs of every codec that are worth keeping (ARGS="gob --executions 1000000")'
	@echo 'make clean         remove .venv and the caches'

$(VENV)/.stamp-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.stamp-run: $(VENV)/.stamp-venv requirements.lock pyproject.toml
	$(PIP) install -r requirements.lock
	$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-run requirements-dev.lock
	$(PIP) install -r requirements-dev.lock
	@touch $@

$(VENV)/.stamp-mutation: $(VENV)/.stamp-dev requirements-mutation.lock
	$(PIP) install -r requirements-mutation.lock
	@touch $@

run: $(VENV)/.stamp-run
	@exec $(BIN)/jobyard serve $(ARGS)

test: $(VENV)/.stamp-dev
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

test-nightly: $(VENV)/.stamp-dev
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -m 'not browser' $(ARGS)

test-minimum:
	$(PYTHON) -m venv $(MINIMUM)
	$(PYTHON) -m tests.minimum >$(MINIMUM)/lowest.txt
	$(MINIMUM)/bin/python -m pip --disable-pip-version-check --quiet install -r $(MINIMUM)/lowest.txt
	$(MINIMUM)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps -e .
	$(MINIMUM)/bin/python -m pytest $(PARALLEL) $(ARGS)

test-browser: $(VENV)/.stamp-dev
	$(BIN)/python -m pytest -m browser tests/browser $(ARGS)

screenshots: $(VENV)/.stamp-dev
	SCREENSHOTS=frontends/http/pages/screenshots $(BIN)/python -m pytest -m browser tests/browser/test_every_page.py -k fits $(ARGS)

check: $(VENV)/.stamp-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.stamp-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.stamp-dev
	$(BIN)/python -m tests.benchmarks $(ARGS)

scoreboard: $(VENV)/.stamp-dev
	$(BIN)/python -m tests.scoreboard $(ARGS)

mutants: $(VENV)/.stamp-mutation
	$(BIN)/python -m tests.mutation $(ARGS)

fuzz: $(VENV)/.stamp-dev
	$(BIN)/python -m tests.frontends.dialects.growing $(ARGS)

clean:
	rm -rf $(VENV) $(MINIMUM) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
