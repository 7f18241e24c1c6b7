# The front door: every target has one line of help in a group (`make help`).
# TABS=pytorch[,mxnet…] does the same for fewer frameworks.

# A Python for all environments, as far as frameworks have wheels for it: make PYTHON=3.12
PYTHON ?=
# GPU builds: auto (where there is a GPU), yes, no
GPU ?= auto
TABS ?=
SECTION ?=
# A command of d2lbook; empty: the one for pages of all tabs
D2LBOOK ?=
# Where notebooks are published to, and whether that is committed there
TO ?=
COMMIT ?=
AGAIN ?=
ACCEPT ?=
# Not from the environment: many shells have a HOST, and it is not loopback
PORT = 8000
# How many mutants, which ones, and of which kinds: make mutants N=40 SEED=3 KIND=flag
N ?= 200
SEED ?= 0
KIND ?=
HOST = 127.0.0.1

# What is imported in .envs may stay compiled there, whatever the shell says
unexport PYTHONDONTWRITEBYTECODE

# `make environments AGAIN=1` makes them anew; with other targets it is not about them
MAKE_AGAIN = $(and $(AGAIN),$(filter environments,$(MAKECMDGOALS)))

ENVS := .envs
BUILD := $(ENVS)/build/bin/python
# Who kills make kills what it runs
BOOKKIT := env BOOKKIT_OF_MAKE=1 $(BUILD) -m bookkit --tabs "$(TABS)"
# Tests of one file stay in one process and share its kernels
TESTS_AT_ONCE ?= 2
PYTEST = TABS="$(TABS)" JUPYTER_PATH="$(CURDIR)/_build/jupyter" $(BUILD) -m pytest -n $(TESTS_AT_ONCE) --dist loadfile \
	--no-loadscope-reorder
# A notebook with solutions begins with all cells of the one without
NBVAL = --nbval --nbval-cell-timeout 120 --nbval-sanitize-with _build/nbval/.nbval.cfg \
	$$(find _build/nbval -name "*.ipynb" | \
	while read -r file; do [ -e "$${file%.ipynb}-solutions.ipynb" ] || echo "$$file"; done)
# Leaves out what passed before, unless AGAIN=1 or something it depends on has changed
PROVE = $(PYTEST) -p tests.proofs $(if $(AGAIN),--again)
TOOL_TESTS = tests/functional tests/site tests/unit
TEXT_TESTS = tests/claims tests/exercises tests/mutants tests/parity tests/notebooks

.DEFAULT_GOAL := html
.DELETE_ON_ERROR:
.PHONY: help html environments check coverage run lib archive addresses notebooks course d2lbook lab
.PHONY: publish-notebooks serve read bench kills lock clean
.PHONY: test _prove_tool _prove_text lint unit functional parity claims nbval
.PHONY: browser pictures site-test release elsewhere mutants

help: ## Set up: Show this list
	@echo "make [TARGET] [TABS=pytorch,mxnet]   without a target: html, of all tabs"
	@awk -F ':[^#]*## ' '/^[a-z0-9-]+:.*## / { \
			group = text = $$2; sub(/:.*/, "", group); sub(/^[^:]*: /, "", text); \
			lines[group] = lines[group] sprintf("  make %-17s %s\n", $$1, text) } \
		END { count = split("Read,Write,Publish,Prove,Set up", groups, ","); \
			for (i = 1; i <= count; i++) printf "\n%s\n%s", groups[i], lines[groups[i]] \
		}' Makefile

html: environments ## Read: Build everything: environments, notebooks, d2l/, the site
	@exec $(BOOKKIT) build

environments: ## Set up: Create environments that are missing or stale; PYTHON=3.12 GPU=no AGAIN=1
	@for python in $(BUILD) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			BOOKKIT_OF_MAKE=1 PYTHONPATH=bookkit/src exec $$python -m bookkit.kernels.installing --tabs "$(TABS)" \
				--python "$(PYTHON)" --gpu "$(GPU)" $(if $(MAKE_AGAIN),--again); \
		fi; \
	done; echo "error: no Python from 3.11 on found"; \
	echo "  next: install one (Debian, Ubuntu: apt-get install python3)"; exit 2

check: environments ## Write: Check the sources without running them
	@exec $(BOOKKIT) check

coverage: environments ## Write: Renew the table of logical cells in docs/writing.md
	@exec $(BOOKKIT) check --coverage-in docs/writing.md

run: environments ## Write: Run notebooks: SECTION=chapter/x.md, AGAIN=1 ignores kept results
	@exec $(BOOKKIT) run $(SECTION) $(if $(AGAIN),--again)

lib: environments ## Write: Extract the functions marked `#@save` into d2l/
	@exec $(BOOKKIT) lib

archive: html ## Publish: Pack the site for reading offline, offered on its first page
	@exec $(BOOKKIT) archive

addresses: html ## Publish: Compare addresses with the published; ACCEPT=1 publishes
	@exec $(BOOKKIT) addresses $(if $(ACCEPT),--accept)

notebooks: environments ## Publish: Write the executed notebooks to _build/notebooks
	@exec $(BOOKKIT) notebooks

course: environments ## Publish: Write what a teacher hands out to _build/course: points, a rubric
	@exec $(BOOKKIT) course

d2lbook: environments ## Publish: Build with plain d2lbook, our outputs: D2LBOOK="build pkg --tab all"
	@exec $(BOOKKIT) d2lbook $(D2LBOOK)

lab: environments ## Read: Open JupyterLab on the contents, a kernel for each framework
	@exec $(BOOKKIT) lab

publish-notebooks: environments ## Publish: Fill a clone of a repository under [colab]: TO=path COMMIT=1
	@[ -n "$(TO)" ] || { echo "error: no TO"; \
		echo "  next: make publish-notebooks TO=path/of/a/clone"; exit 2; }
	@exec $(BOOKKIT) publish-notebooks "$(TO)" $(if $(COMMIT),--commit)

read: environments ## Read: Read the book as it is built, and run its cells: PORT=8000
	@exec $(BOOKKIT) read --port "$(PORT)" --host "$(HOST)"

pictures: browser ## Write: Paint img/*.png of drawings that changed, for viewers without SVG
	@$(BUILD) tests/site/pictures.py

serve: environments ## Write: Read the book while writing it: rebuilt on save, PORT=8000
	@exec $(BOOKKIT) serve --port "$(PORT)" --host "$(HOST)"

kills: environments ## Prove: Kill each process of small builds, by chance: ROUNDS=120 SEED=1
	@$(BUILD) tests/functional/kill_rounds.py --rounds $(or $(ROUNDS),120) --seed $(or $(SEED),1)

bench: environments ## Prove: Measure against d2lbook and nbclient, side by side
	@$(BUILD) -m benchmarks $(BENCH)

# A new tab has no lock to make its environment from; that of the build is enough
lock: $(BUILD) ## Set up: Renew envs/*.txt from envs/*.in; NEWEST=1 takes the newest of all
	@exec $(BOOKKIT) lock $(if $(NEWEST),--newest)

$(BUILD):
	@$(MAKE) environments TABS=$$(sed -n 's/^tabs = \([a-z]*\).*/\1/p' config.ini)

clean: ## Set up: Delete what was built; the environments stay
	rm -rf _build

test: html browser lint ## Prove: Prove all of it; AGAIN=1 runs what is proven already, too
	@exec $(BOOKKIT) notebooks --kernels _build/nbval
	@$(MAKE) --no-print-directory -j 2 _prove_tool _prove_text

# Tests of the tool mostly wait, and some allow two seconds and no more. Those of the
# text take what they leave of the cores, and are told at their end; nbval is one of
# them, because its kernels come from servers that have imported the frameworks already.
_prove_tool: TESTS_AT_ONCE = 3
_prove_tool:
	@$(PROVE) $(TOOL_TESTS)

_prove_text:
	@log=_build/prove-text-$$$$.log; \
		nice -n 15 sh -c '$(PROVE) $(TEXT_TESTS) $(NBVAL)' > $$log 2>&1; \
		status=$$?; cat $$log; rm -f $$log; exit $$status

# The tag comes from the environment: a shell would read what is written here
release: environments ## Publish: Prove and pack what a tag releases into _build/release: TAG=v1.2.3
	@$(BUILD) .ci/release.py check "$$TAG"
	@bash .ci/run
	@$(BUILD) .ci/release.py pack "$$TAG"

elsewhere: html ## Prove: The package and the notebooks with older and newer versions: many GB
	@$(BUILD) -m tests.elsewhere.library
	@$(BUILD) -m tests.elsewhere.notebooks

lint: environments ## Prove: ruff, mypy, and which room imports which
	@$(BUILD) -m ruff check .
	@$(BUILD) -m ruff format --check .
	@$(BUILD) -m mypy
	@$(ENVS)/build/bin/lint-imports --no-logo --no-cache

unit: environments ## Prove: Fast tests of bookkit and of d2l/
	@$(PYTEST) tests/unit

functional: environments ## Prove: Tests that run real kernels and d2lbook on small books
	@$(PYTEST) tests/functional

parity: environments ## Prove: The same weights give the same numbers in every framework
	@$(PYTEST) tests/parity

claims: environments ## Prove: What the text says is true, and exercises judge answers
	@$(PYTEST) tests/claims tests/exercises

mutants: html ## Prove: Make N small wrong changes of the text; what nothing sees is shown
	@TABS="$(TABS)" N="$(N)" SEED="$(SEED)" KIND="$(KIND)" $(BUILD) tests/mutants/__main__.py

nbval: environments ## Prove: Run every notebook again and compare all outputs
	@exec $(BOOKKIT) notebooks --kernels _build/nbval
	@$(PYTEST) tests/notebooks
	@$(PYTEST) $(NBVAL)

browser: environments ## Prove: Install the Chromium that the site's tests drive
	@sh tests/site/install_browser.sh $(BUILD)

site-test: html browser ## Prove: The built site in a real Chromium
	@$(PYTEST) tests/site
