# Backrow: everything that one does with it. A fresh machine needs Python 3.11 with venv, make and git.
PYTHON ?= python3
BIN := .venv/bin
# What one test run is given: `make test T=tests/app/observation/notes`, or T="-x -k pause".
T ?=

.DEFAULT_GOAL := help
.PHONY: help setup run demo test e2e check fix routes sql shell migration bench

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what the locks name; does nothing when nothing changed (every other target does it first)
	@$(PYTHON) -m config.setup

run: setup ## start all of Backrow on http://127.0.0.1:8000
	@$(BIN)/backrow serve

demo: setup ## an alliance of five schools to look round in, on port 8001, away from real people
	@BACKROW_DATA=$${BACKROW_DATA:-var/demo} BACKROW_PORT=$${BACKROW_PORT:-8001} $(BIN)/backrow demo

test: setup ## every test that this machine can run; says last what was left out (T=… for some)
	@$(BIN)/pytest -q $(T)

e2e: setup ## the tests in a real browser alone
	@$(BIN)/pytest -q -m needs_chromium $(T)

check: setup ## format, lint, imports, types, templates, dead code, migrations
	@$(BIN)/python -m config.checks

fix: setup ## format, and mend what a machine can mend
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format --quiet .

routes: setup ## every address, who may use it, where it is written
	@$(BIN)/backrow routes

sql: setup ## a prompt for SQL, as the application's role
	@$(BIN)/backrow sql

shell: setup ## a Python prompt with `session` and `models`
	@$(BIN)/backrow shell

migration: setup ## write the step to the models as they are now: make migration m="Remember when a target was tried"
	@test -n "$(m)" || { echo 'Say what changes: make migration m="Remember when a target was tried"'; exit 2; }
	@$(BIN)/backrow migration "$(m)"

bench: setup ## measure, compare with the baselines, write bench/results.json
	@$(BIN)/python -m bench
