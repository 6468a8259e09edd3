# Every target sets up what it needs; PYTHON names the interpreter for the first set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo cluster-demo run test test-clock check bench lock clean

demo: $(VENV)/installed
	$(BIN)/diemtin up --sample

# Keeper, two workers and a redis-server of their own on the sample press; Ctrl-C ends them all.
cluster-demo: $(VENV)/installed-cluster
	$(BIN)/python -m crawler.demo.cluster

run: $(VENV)/installed
	$(BIN)/diemtin up

# Four at once, also on two cores: half of the time of the tests is waiting, for servers, processes and clocks.
test: check
	$(BIN)/pytest -n 4

# CLOCKS=ahead@America/Los_Angeles for one; all of tests/clocks.py without. Needs libfaketime (apt install faketime).
test-clock: $(VENV)/installed-dev
	$(BIN)/python -m tests.clocks $(CLOCKS)

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed-dev
	$(BIN)/python -m tests.bench

lock:
	$(PYTHON) -m pip install -q uv
	$(PYTHON) -m uv pip compile --universal --python-version 3.11 --upgrade --no-header --no-annotate \
	    --no-emit-index-url pyproject.toml -o requirements.lock
	$(PYTHON) -m uv pip compile --universal --python-version 3.11 --upgrade --no-header --no-annotate \
	    --no-emit-index-url --extra dev --extra notify -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	$(BIN)/python -m compileall -q archive crawler pipelines
	touch $@

$(VENV)/installed-cluster: requirements-dev.lock $(VENV)/installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -c requirements-dev.lock redis
	touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.lock
	touch $@
