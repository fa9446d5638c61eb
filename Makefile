# Two commands: `make run` starts the portal, `make test` checks everything. Needs Python 3.11 or newer, nothing else.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run setup lock

run: setup
	@exec $(BIN)/python -m processportal.run

setup: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Process Portal needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=/path/to/python3."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment here. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf .venv; exit 1; }
	@echo "Installing dependencies into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9 || echo "uv is not to be had; pip does it, more slowly."
	@{ test -x $(BIN)/uv && $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt; } || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Write down every version that is installed now, after the direct ones were changed and tried.
lock:
	@{ echo "# Every version that was tried together; written by \`make lock\`."; $(BIN)/uv pip freeze --python $(BIN)/python | grep '==' | grep -vE '^(pip|setuptools|uv)=='; } > constraints.txt
