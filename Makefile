# The front door. Everything it needs is fetched by `python3 -m bootstrap` on first use.
.DEFAULT_GOAL := help

# The first Python on PATH that is 3.11 or later; `make run PYTHON=/path/to/python3` takes another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$python; break; fi; done)
BOOTSTRAP = $(if $(PYTHON),$(PYTHON),$(error Bellwire needs Python 3.11 or later; install python3 or give PYTHON=)) -m bootstrap
BIN := .venv/bin/python -m

# What `make chaos` and `make chaos-long` are run with: make chaos CHAOS="--seed 7 --database postgres"
CHAOS ?=
BUGS ?=

# A language that `make messages` begins to translate to.
LANGUAGE ?=

# Which tests `make test` runs, and pytest's options: make test TESTS=tests/unit PYTEST=-x
TESTS ?=
PYTEST ?=

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run:  ## Start everything on this machine (PORT, BIND, DEMO_PASSWORD, REDIS_URL, DATABASE_URL)
	@$(BOOTSTRAP) run
	@.venv/bin/python manage.py up --end-with-parent

test: setup  ## Run all tests, the front-end's too (TESTS=tests/unit for some)
	@$(if $(TESTS),,$(BOOTSTRAP) npm test)
	@$(BIN) pytest $(PYTEST) $(TESTS)

check: lint types imports migrations frontend test  ## Everything that CI runs, in its order

lint: setup  ## Style: ruff
	@$(BIN) ruff check .
	@$(BIN) ruff format --check .

types: setup  ## Types: mypy --strict
	@SECRET_KEY=types $(BIN) mypy

imports: setup  ## Which app may import which: import-linter
	@.venv/bin/lint-imports

migrations: setup  ## The models have all their migrations
	@SECRET_KEY=check DATABASE_URL=sqlite://:memory: $(BIN) django makemigrations --check --dry-run --settings project.settings

frontend: setup  ## The front-end's types and style
	@$(BOOTSTRAP) npm run check

bench: setup  ## Measure this platform and the tutorial way, side by side
	@$(BIN) tests.bench

chaos: setup  ## Break the running platform in every way, and have a checker judge it (4 minutes)
	@$(BIN) tests.chaos $(CHAOS)

chaos-long: setup  ## The same with ten times the load and a hundred faults (15 minutes)
	@$(BIN) tests.chaos --long $(CHAOS)

chaos-bugs: setup  ## Plant bugs, each of which the checker must find (20 minutes; BUGS= for some)
	@$(BIN) tests.chaos.convictions $(BUGS)

chaos-jitter: setup  ## 200 lines that break every 15 s (3 minutes)
	@$(BIN) tests.chaos.drills.jitter

chaos-storm: setup  ## Kill all servers under 1,000 sockets (2 minutes)
	@$(BIN) tests.chaos.drills.storm

setup:  ## Install what the tests need, build the front-end
	@$(BOOTSTRAP) test

pictures: setup  ## Take the pictures of the docs anew, with Debian's chromium (3 minutes)
	@$(BIN) tests.browser.pictures

messages: setup  ## Find all sentences anew, compile their translations (LANGUAGE=fr begins French)
	@$(BIN) messages $(LANGUAGE)

lock:  ## Resolve requirements*.in anew into the locks with hashes
	@$(BOOTSTRAP) lock

.PHONY: help run test check lint types imports migrations frontend bench chaos chaos-long chaos-bugs chaos-jitter chaos-storm setup pictures messages lock
