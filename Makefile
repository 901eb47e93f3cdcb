# Every target sets up what it needs by itself; the second time that takes no time and no network.
PYTHON ?= python3
DATASET ?= simulated
TEST_PROCESSES ?= 2
RUN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long test-all lint bench studio airflow backfill clean

help: ## print this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make the locked environment and fetch the Delta jars (Python 3.11 to 3.13, Java 17+; all inside this folder)
	@$(PYTHON) -I cli/install/setup.py

demo: setup ## from plays to homepages by Airflow, in minutes [DATASET=simulated|ml-100k|files INPUT=dir]
	@$(RUN)/frontrow demo --dataset $(DATASET) $(if $(INPUT),--input "$(INPUT)")

test: setup ## every test but long and slow ones, some 20 minutes on two cores
	@$(RUN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile -m "not long and not slow"

test-long: setup ## tests of tens of seconds each, some 10 minutes, which CI runs too
	@$(RUN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile -m "long and not slow"

test-all: setup ## every test
	@$(RUN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile

lint: setup ## ruff (rules and format) and mypy
	@$(RUN)/ruff check . && $(RUN)/ruff format --check . && $(RUN)/mypy

bench: setup ## run a benchmark, figures to var/bench [BENCH=spine|world|ranker|temporal|rows|page|longrun|artwork|nearline|safety|mutants]
	@$(RUN)/frontrow bench $(BENCH)

studio: setup ## look at pages, reasons, runs and tables in a browser
	@$(RUN)/frontrow studio

airflow: setup ## start Airflow with its scheduler and keep it running
	@$(RUN)/frontrow airflow

backfill: setup ## build past days again by Airflow [FROM=YYYY-MM-DD TO=YYYY-MM-DD]
	@$(RUN)/frontrow backfill --from "$(FROM)" --to "$(TO)"

clean: ## remove what runs have written: var (tables too) and caches; asks first [YES=1]
	@if [ -d var ] && [ "$(YES)" != 1 ]; then \
	  printf 'var holds every table and page of this folder; remove it? [y/N] '; read answer || echo; \
	  case "$$answer" in y|Y|yes) ;; *) echo "nothing was removed; make clean YES=1 does not ask" >&2; exit 2;; esac; fi
	@rm -rf var .pytest_cache .mypy_cache .ruff_cache .hypothesis spark-warehouse metastore_db derby.log
	@find . -name __pycache__ -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +
