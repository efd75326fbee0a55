# Two commands matter: `make demo` and `make test`. Each sets up all that it needs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done

# The tests start many Python processes; without bytecode files each of them would compile Keras anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test check format web web-shots gallery-accept lock bench clean

help: ## Show this help
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: $(STAMP) web browser ## Everything that tests and demo need

$(STAMP): pyproject.toml requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "kerascope: $(PYTHON) is not on the PATH. Install Python 3.11 or say PYTHON=... make setup"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	# torch goes first and alone: where a CPU build is at hand (PIP_FIND_LINKS) it is taken instead of several GB of CUDA packages.
	UV_FIND_LINKS="$$PIP_FIND_LINKS" VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode torch==2.13.0
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode -r requirements-dev.txt
	KERASCOPE_SKIP_WEB=1 VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

browser: ## Debian's chromium, for the browser tests (installed only when missing, and only as root)
	@command -v chromium >/dev/null || sh scripts/install_chromium.sh

web: kerascope/server/static/index.html ## Build the dashboard

kerascope/server/static/index.html: web/package-lock.json web/index.html web/vite.config.ts web/vite.page.config.ts $(shell find web/src -type f 2>/dev/null)
	cd web && npm ci --silent && npm run --silent build

demo: setup ## Train a real model with the callbacks on, then open the dashboard
	$(BIN)/kerascope demo

test: setup ## All tests: package, backends, crash, browser, dashboard
	$(BIN)/python -m pytest -q -n 2 --dist worksteal tests || \
		{ echo "These failed. Each is run once more, alone:"; $(BIN)/python -m pytest -q --last-failed --last-failed-no-failures none tests; }
	cd web && npm run --silent test

check: setup ## Format, lint, types and import rules, Python and TypeScript
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	cd web && npm run --silent check

format: setup ## Rewrite sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

web-shots: setup ## Screenshots of every page, light and dark, into web/shots/
	$(BIN)/python scripts/web_shots.py

gallery-accept: setup ## Accept how the panels of the gallery look now, after you have looked at them
	$(BIN)/python scripts/accept_gallery.py

lock: ## Pin the newest versions that fit pyproject.toml into requirements-dev.txt (torch is pinned in setup)
	UV_FIND_LINKS="$$PIP_FIND_LINKS" $(BIN)/uv pip compile --quiet --upgrade --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
		--extra dev --extra demo --python-version 3.11 pyproject.toml | grep -v '^torch==' > requirements-dev.tmp && mv requirements-dev.tmp requirements-dev.txt

bench: ## Benchmarks with pinned rivals in an environment of their own
	sh benchmarks/run.sh

clean: ## Remove what was built or installed
	rm -rf $(VENV) .venv-bench build dist web/node_modules kerascope/server/static web/shots .mypy_cache .ruff_cache .pytest_cache .hypothesis
