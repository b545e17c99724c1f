# Every command of the project; `.ci/run` and pre-commit call the same ones.
# Works with GNU make 3.81 (macOS) and newer. PYTHON=... chooses the interpreter.

UV_VERSION := 0.13.9
PYTHON ?=
BIN := .venv/bin
SOURCES := $(wildcard domain application adapters entrypoints tests bench hatch_build.py)

.DEFAULT_GOAL := help
.PHONY: help venv demo demo-crash test storms test-crash test-container test-browser check format bench lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: venv ## two paper bots on replayed real alerts (DEMO_EXIT=1, DEMO_BARS=N, DEMO_JSON=FILE)
	@$(BIN)/python -m entrypoints.demo

demo-crash: venv ## the demo under kill -9 and FLUSHALL, both ledgers compared (DEMO_BARS=N)
	@$(BIN)/python -m entrypoints.demo.crash

test: venv ## the whole suite, on a real PostgreSQL that it starts itself
	@$(BIN)/python -m pytest -q

test-crash: venv ## processes killed and frozen at every checkpoint, several times over
	@$(BIN)/python -m pytest -q tests/crash --every-crash

storms: venv ## thousands of seeded storms, and hundreds over every fault on the wire
	@SIGNALMAN_SEEDS=$(or $(SEEDS),2000) SIGNALMAN_STORMS=$(or $(EXAMPLES),500) \
	    $(BIN)/python -m pytest -q tests/simulation/test_storms.py \
	    tests/simulation/test_resting_stops.py tests/simulation/test_fault_matrix.py

test-container: venv ## the image's environment and services, run without a container engine
	@$(BIN)/python -m tests.container.check

test-browser: venv ## the pages in Chromium, with axe, in dark and light, on desk and phone
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
	    || command -v google-chrome >/dev/null 2>&1 \
	    || { echo "Chromium is missing. Debian and Ubuntu: apt install chromium" >&2; exit 1; }
	@$(BIN)/python -m pytest -q tests/browser/pages.py

check: venv ## formatting, lint, types, import contracts, spelling
	@$(BIN)/ruff format --check --quiet $(SOURCES) || { echo "fix it with: make format"; exit 1; }
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/codespell

format: venv ## put the code into its one layout, and repair what can be repaired safely
	@$(BIN)/ruff check --quiet --fix-only $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

bench: venv $(if $(filter receivers,$(or $(PART),receivers)),.venv-bench/installed) $(if $(filter backtest,$(or $(PART),backtest)),.venv-bench-backtest/installed) ## the benchmarks beside their baselines (PART=domain|backtest|sweep|receivers)
	@$(BIN)/python -m bench $(PART)

lock: $(BIN)/uv ## write requirements.lock anew after a change in pyproject.toml (UPGRADE=1: all newest)
	@$(find_index); $(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) \
	    --universal --python-version 3.11 --extra embedded \
	    --group build --group test --group lint \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	    --output-file requirements.lock pyproject.toml
	@$(find_index); $(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) \
	    --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	    --output-file bench/requirements.lock bench/requirements.in
	@$(call subset_lock,runtime,pyproject.toml)
	@$(call subset_lock,build,--group build)

# A part of requirements.lock, for the image: the same versions and hashes.
subset_lock = $(find_index); $(BIN)/uv pip compile --quiet --no-annotate $(2) \
    --constraint requirements.lock --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
    --output-file requirements-$(1).lock

clean: ## remove the environment and every cache
	@rm -rf .venv .venv-bench .venv-bench-backtest .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache \
	    .coverage htmlcov dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: nothing happens while the stamp is newer than the lock.
venv: .venv/installed

.venv/installed: requirements.lock pyproject.toml hatch_build.py entrypoints/web/assets.py | $(BIN)/uv
	@echo "Installing requirements.lock into .venv (the first time takes a minute) ..."
	@$(find_index); $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# What the baselines of the benchmarks need, apart, so that the product's lock stays its own.
.venv-bench/installed: bench/requirements.lock | $(BIN)/uv
	@echo "Installing bench/requirements.lock into .venv-bench ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-bench
	@$(find_index); $(BIN)/uv pip sync --quiet --python .venv-bench/bin/python --require-hashes bench/requirements.lock
	@touch $@

# The same for the engines that the backtest is measured against.
.venv-bench-backtest/installed: bench/backtest/requirements.lock | $(BIN)/uv
	@echo "Installing bench/backtest/requirements.lock into .venv-bench-backtest ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-bench-backtest
	@$(find_index); $(BIN)/uv pip sync --quiet --python .venv-bench-backtest/bin/python --require-hashes bench/backtest/requirements.lock
	@touch $@

$(BIN)/uv:
	@$(find_git); $(find_python); \
	echo "Creating .venv with $$("$$python" --version) ..."; \
	rm -rf .venv && "$$python" -m venv .venv && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# uv reads no pip.conf: where pip was given another index, hand it on.
find_index = index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config list \
    2>/dev/null | sed -n "s/^global\.index-url='\(.*\)'/\1/p")}}"; \
    if [ -n "$$index" ]; then UV_DEFAULT_INDEX="$$index"; export UV_DEFAULT_INDEX; fi

find_git = command -v git >/dev/null 2>&1 || { \
    echo "git is missing. Debian and Ubuntu: apt install git; macOS: xcode-select --install" >&2; \
    exit 1; }

# Sets $python to the first interpreter that is new enough and can make environments.
find_python = python=; old=yes; \
    for candidate in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3); do \
        "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
            >/dev/null 2>&1 || continue; \
        old=; \
        "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1 || continue; \
        python="$$candidate"; break; \
    done; \
    if [ -n "$$old" ]; then \
        echo "Python 3.11 or newer is missing. Debian and Ubuntu: apt install python3 python3-venv;" \
            "macOS: brew install python@3.13; elsewhere: make PYTHON=/path/to/python3" >&2; exit 1; \
    elif [ -z "$$python" ]; then \
        echo "Python's venv is missing. Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
    fi
