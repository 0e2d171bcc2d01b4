# `make` lists the commands. Python 3.11, git and make are taken for granted; everything else is set up in .venv.

PYTHON ?= python3
BIN := .venv/bin
VENDOR := src/steadypin/web/static/vendor/manifest.json

# $(call step,what,command) runs a command; $(call check,what,command) shows what it prints only when it fails.
failed = { printf '%s: failed, at: %s\n' '$(1)' '$(2)' >&2; exit 1; }
step = @printf '%-10s\n' '$(1)'; $(2) || $(failed)
check = @printf '%-10s' '$(1)'; if printed=$$( { $(2); } 2>&1); then echo ok; else printf '\n%s\n' "$$printed"; $(failed); fi

.PHONY: help demo serve test lint format bench prove lock clean setup
.DEFAULT_GOAL := help

help:
	@echo 'make demo          the whole way of a Pin, against the simulator; needs no Pinterest account'
	@echo 'make serve         the service on http://127.0.0.1:8080; with DEMO=1 against the simulator, with sample data'
	@echo 'make test          style, types, structure and all tests; ARGS=… goes to pytest'
	@echo 'make lint          style, types and structure alone'
	@echo 'make format        puts the code into its form'
	@echo 'make bench         the benchmarks'
	@echo 'make prove P=name  one of the long proofs; without P it lists them'
	@echo 'make lock          renews requirements*.txt and package-lock.json'
	@echo 'make clean         removes what these commands made'

demo: setup
	@$(BIN)/steadypin demo

serve: setup
	@$(BIN)/steadypin serve $(if $(DEMO),--demo)

test: lint
	$(call step,browser,$(BIN)/python -m tools.debian chromium)
	$(call step,tests,$(BIN)/python -m tools.postgres -- $(BIN)/pytest -n 2 $(ARGS))

lint: setup
	$(call check,style,$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --diff .)
	$(call check,types,$(BIN)/mypy --no-error-summary)
	$(call check,structure,$(BIN)/lint-imports --no-logo)

format: setup
	@$(BIN)/ruff check --quiet --fix .; $(BIN)/ruff format --quiet .

bench: setup
	@$(BIN)/python -m tools.postgres --durable -- $(BIN)/python -m benchmarks

prove: setup
	@$(if $(P),$(BIN)/python -m tools.postgres --durable --) $(BIN)/python -m tests.proofs $(P)

lock: setup
	@$(BIN)/python -m tools.lock $(ARGS)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist $(dir $(VENDOR))
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: .venv/stamp $(VENDOR)

.venv/stamp: requirements-dev.txt pyproject.toml
	@$(PYTHON) -m tools.environment

$(VENDOR): package.json package-lock.json tools/assets.py .venv/stamp
	@$(BIN)/python -m tools.assets
