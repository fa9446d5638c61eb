# Two commands: `make run` starts the portal, `make test` checks everything. Needs Python 3.11 or newer, nothing else.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
unexport PYTHONDONTWRITEBYTECODE  # where it is set, every start of every process compiles two thousand files anew

.PHONY: run test test-faults bench lint format clean reset-demo setup lock

run: setup
	@exec $(BIN)/python -m processportal.run

# Everything: format, lint, types, layers, migrations, production settings, tests on PostgreSQL, browser tests.
test: setup
	@$(BIN)/python -m tests.everything -m "not faults"

# The same, and the slow fault cases.
test-faults: setup
	@$(BIN)/python -m tests.everything

bench: setup
	@$(BIN)/python -m bench $(BENCH)

lint: setup
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/djlint templates --lint --quiet && $(BIN)/lint-imports && $(BIN)/mypy

format: setup
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

# Removes what was built; the data in PORTAL_DATA (var/) stays.
clean:
	rm -rf .venv collected assets/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

reset-demo: setup
	@$(BIN)/python -m processportal.reset_demo

setup: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Process Portal needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=/path/to/python3."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment here. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf .venv; exit 1; }
	@echo "Installing dependencies into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9 || echo "uv is not to be had."
	@{ test -x $(BIN)/uv && $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt; } || { echo "Now pip does it; that takes longer."; $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt; }
	@touch $@

# Write down every version that is installed now, after the direct ones were changed and tried.
lock:
	@{ echo "# Every version that was tried together; written by \`make lock\`."; $(BIN)/uv pip freeze --python $(BIN)/python | grep '==' | grep -vE '^(pip|setuptools|uv)=='; } > constraints.txt
