# The words a developer types. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PORT ?= 8000
export PORT
ifdef PYTHON
export PYTHON
endif

BIN := .venv/bin
RUN := $(BIN)/python
SETUP := ./tools/setup.sh
STAMPS := var/stamps
CORES ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$n -lt 2 ] && echo 2 || echo $$n)
ASSETS := $(shell find assets/src assets/*.mjs assets/*.py templates static -type f 2>/dev/null)
CATALOGUES := $(shell find . \( -name node_modules -o -name .venv \) -prune -o -name django.po -print 2>/dev/null)
FEATURES := claims pricing_guard scalper_policies training
CHECKED := merchant_protection $(FEATURES) tests benchmarks

.PHONY: help demo test check fix bench cases soak migrations assets browser programs dev

help:
	@echo "make demo        the portal on http://127.0.0.1:8000 (PORT= changes the port), Ctrl-C stops it"
	@echo "make test        every test, the browser's too (ARGS= for pytest, CORES= at once)"
	@echo "make check       style, types, contracts, migrations and translations; changes nothing"
	@echo "make fix         repairs of style what can be repaired"
	@echo "make bench       how fast, against what (ONLY=B3 runs one, LARGE=1 the big sizes)"
	@echo "make cases       every acceptance case, its tests and how they last went"
	@echo "make soak        the long tests"
	@echo "make migrations  writes migrations for changed models"
	@echo "PYTHON=/path/to/python3.12 names the Python to use"

demo: programs
	@DEMO=1 WEBHOOK_LISTENERS=127.0.0.1:$$(( $(PORT) + 100 )) exec $(RUN) manage.py demo --port $(PORT)

test: dev programs browser
	@$(RUN) -m pytest -n $(CORES) --dist worksteal $(ARGS)

soak: dev programs browser
	@$(RUN) -m pytest -m soak --timeout 7200 $(ARGS)

check: dev programs
	@$(RUN) tools/check.py

fix: dev
	@$(BIN)/ruff check -q --fix . || true
	@$(BIN)/ruff format -q .

bench: dev programs
	@$(RUN) -m benchmarks.run

cases: dev
	@$(RUN) -m tests.cases

migrations: dev
	@$(RUN) manage.py makemigrations

# What the program needs before it can run ---------------------------------------------------------------------

programs: assets $(STAMPS)/catalogues

assets: $(STAMPS)/assets
dev: $(STAMPS)/python-dev
browser: $(STAMPS)/python-dev
	@$(SETUP) browser

# The development packages contain the others: whoever has them keeps them.
$(STAMPS)/python: requirements.txt requirements-uv.txt | $(STAMPS)
	@if [ -f $(STAMPS)/python-dev ]; then $(SETUP) python requirements-dev.txt; else $(SETUP) python requirements.txt; fi
	@touch $@

$(STAMPS)/python-dev: requirements-dev.txt requirements-uv.txt | $(STAMPS)
	@$(SETUP) python requirements-dev.txt
	@touch $@ $(STAMPS)/python

$(STAMPS)/node: package-lock.json requirements-node.txt $(STAMPS)/python
	@$(SETUP) node
	@touch $@

$(STAMPS)/assets: $(STAMPS)/node $(ASSETS)
	@$(SETUP) build
	@touch $@

$(STAMPS)/catalogues: $(STAMPS)/python $(CATALOGUES)
	@echo "  Translations"
	@$(RUN) manage.py messages --compile >/dev/null
	@touch $@

$(STAMPS):
	@mkdir -p $@
