# Everything runs in .venv, which each target sets up as it needs; `make help` lists the targets.
# Variables: PYTHON=python3.12  DOC=paper.pdf  MIRROR=../shared/documents  OUT=folder

.DEFAULT_GOAL := help
SHELL := /bin/sh
OUT ?= out
MIRROR ?=
DOC ?=
REASON ?=
STORE ?=
BIN := .venv/bin
# The newest Python of 3.11 or later that this machine has.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help demo test lint bench classify report review corpus train evaluate retrain retrain-proof pin wheelhouse demo-documents lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.venv/pip: 
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed (apt install python3)"; exit 1; }
	@# Debian's python3 comes without ensurepip unless python3-venv is there.
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; \
		$(PYTHON) -m venv --without-pip .venv && $(BIN)/python scripts/get_pip.py; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@touch $@

.venv/run: .venv/pip pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/dev: .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev
	@touch $@

.venv/bench: .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group bench
	@touch $@

demo: .venv/run ## classify the project's own documents: a table here, CSV and Excel in out/
	@mkdir -p $(OUT)
	$(BIN)/collabnlp classify demo/ -o $(OUT)/demo.csv
	$(BIN)/collabnlp classify demo/ -o $(OUT)/demo.xlsx
	$(BIN)/collabnlp classify demo/regional-partnership-2.pdf
	@echo "written: $(OUT)/demo.csv $(OUT)/demo.xlsx"

test: .venv/dev ## the tests (those on real documents are skipped where ../shared is absent)
	$(BIN)/python -m pytest

lint: .venv/dev ## ruff and mypy
	$(BIN)/ruff check src tests benchmarks evaluation
	$(BIN)/ruff format --check src tests benchmarks evaluation
	$(BIN)/mypy

classify: .venv/run ## DOC=paper.pdf: its commitments
	@test -n "$(DOC)" || { echo "say which document: make classify DOC=paper.pdf"; exit 1; }
	$(BIN)/collabnlp classify "$(DOC)"

report: .venv/run ## DOC=papers/: one page on them, in out/report.html
	@test -n "$(DOC)" || { echo "say which documents: make report DOC=papers/"; exit 1; }
	@mkdir -p $(OUT)
	$(BIN)/collabnlp report $(DOC) -o $(OUT)/report.html

review: .venv/run ## DOC=paper.pdf: the reviewers' local page (without DOC: what the queue holds)
	$(BIN)/collabnlp review $(if $(DOC),"$(DOC)") $(if $(NAME),--reviewer "$(NAME)")

corpus: .venv/run ## MIRROR=folder: rebuild the corpus from its documents, only what changed
	$(BIN)/collabnlp corpus build $(if $(MIRROR),--mirror "$(MIRROR)")

train: .venv/run ## MIRROR=folder: fit the level model anew, into build/models/level
	$(BIN)/collabnlp train $(if $(MIRROR),--mirror "$(MIRROR)")

evaluate: .venv/run ## MIRROR=folder: measure it, one family of documents held out at a time
	$(BIN)/collabnlp evaluate $(if $(MIRROR),--mirror "$(MIRROR)")

retrain: .venv/run ## MIRROR=folder: learn from the labels as they are now; promoted only if nothing is worse
	$(BIN)/collabnlp retrain $(if $(MIRROR),--mirror "$(MIRROR)") $(if $(STORE),--store "$(STORE)")

retrain-proof: .venv/run ## MIRROR=folder: better labels are promoted, poisoned ones refused, all taken back
	$(BIN)/python evaluation/retraining.py $(if $(MIRROR),--mirror "$(MIRROR)")

bench: .venv/bench ## pages per second and memory beside other tools, and what they were worth
	$(BIN)/python benchmarks/extraction.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/boundaries.py
	$(BIN)/python benchmarks/tagging_speed.py

pin: .venv/run ## MIRROR=folder REASON="why": pin corpus digests and quality floors anew (maintainers)
	$(BIN)/python scripts/pin_quality.py --write --reason "$(REASON)" $(if $(MIRROR),--mirror "$(MIRROR)")

wheelhouse: .venv/pip ## a folder of wheels from which a machine without network installs
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check -c constraints.txt -w wheelhouse .
	@echo "on the other machine: pip install --no-index --find-links wheelhouse collabnlp"

demo-documents: .venv/run ## make the demo documents anew from demo/source (maintainers)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group demo
	$(BIN)/python demo/source/build.py

lock: ## pin every package anew (maintainers; needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --extra dask \
		--group dev --group bench --group demo --group evaluation pyproject.toml -o constraints.txt --no-annotate --no-header

clean: ## remove what was built, not what was downloaded
	rm -rf build dist wheelhouse $(OUT) .mypy_cache .ruff_cache .pytest_cache
