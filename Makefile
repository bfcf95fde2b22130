# Commands of the project: make help. Needs make, git and Python 3.11 or newer; nothing else need be installed.

SHELL := /bin/sh
# Used when an environment is made. To change an environment's Python: make distclean env PYTHON=python3.13
PYTHON ?= python3
# The project whose notebooks `make lab` opens
DIR ?= .
# Handed to pytest: make test ARGS="-k durations"
ARGS ?=
UV_VERSION := 0.13.9

# The project's own commands first, so that DVC's stages and notebooks find them.
RUN := PATH="$$PWD/.venv/bin:$$PATH"
TYPES = $(RUN) mypy && $(RUN) lint-imports
TEMPLATES := .venv/share/jupyter/nbconvert/templates

.DEFAULT_GOAL := help
.PHONY: help env env-dev report month test lint style format docs lab lab-env strip-outputs bench soak lock clean distclean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

# $(call fill,FOLDER,LOCK): a virtual environment that holds what LOCK names. Its stamp, written last, repeats where
# it stands and the lock in force: equal means nothing to do; another lock is installed on top (fetched first, so
# being offline breaks nothing); no stamp means interrupted, another place means moved, and both start afresh.
define fill
@set -eu; venv=$(1) lock=$(2) place= had=; \
if [ -f $$venv/.stamp ]; then { read -r place; read -r had; } < $$venv/.stamp; fi; \
if [ "$$had" = requirements-dev.lock ]; then lock=$$had; fi; : 'holds all that a report needs'; \
stamp() { pwd -P; echo $$lock; cat $$lock; }; \
install() { $$venv/bin/python -m pip install -q --disable-pip-version-check --no-compile --no-deps --require-hashes -r $$lock "$$@"; }; \
if [ "$$place" = "$$(pwd -P)" ] && $$venv/bin/python -S -c '' 2>/dev/null; then \
	if stamp | cmp -s - $$venv/.stamp; then exit 0; fi; \
	echo "Bringing $$venv up to date with $$lock"; \
	install --dry-run; \
else \
	if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is: $$("$(PYTHON)" --version 2>&1)." >&2; \
		echo "Name another, for example: make env PYTHON=python3.12" >&2; exit 1; \
	fi; \
	echo "Making $$venv from $$lock (a minute or two, once)"; \
	"$(PYTHON)" -m venv --clear $$venv || { echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
fi; \
rm -f $$venv/.stamp; \
install; \
: 'Compiled once, here: otherwise each process that cannot write __pycache__ compiles every import again'; \
$$venv/bin/python -m compileall -qq -j 0 $$venv/lib || :; \
stamp > $$venv/.stamp
endef

# The project itself, editable. The template is a link for the same reason: an edit counts at once.
define project
@set -eu; if ! cmp -s pyproject.toml .venv/.project; then \
	rm -rf $(TEMPLATES)/secanalysis; \
	.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	rm -rf $(TEMPLATES)/secanalysis; \
	mkdir -p $(TEMPLATES); \
	ln -s ../../../../../secanalysis/publishing/templates/secanalysis $(TEMPLATES)/secanalysis; \
	cp pyproject.toml .venv/.project; \
fi
endef

env: ## Make .venv, which runs the reports
	$(call fill,.venv,requirements.lock)
	$(project)

env-dev: ## Add to .venv what tests and checks need
	$(call fill,.venv,requirements-dev.lock)
	$(project)

report: env ## Compute and publish all reports of params.yaml: site/index.html (COLD=1: by ordinary kernels)
	@$(if $(COLD),SECANALYSIS_COLD=1 )$(RUN) dvc repro
	@echo "The reports: site/index.html"

month: env ## Take in the month's document: make month FILE=export-2024-07-05.xlsx
	@$(RUN) secanalysis month $(FILE)

# Types and imports are checked while the first tests run, as that takes half a minute, and what is said is shown at the end.
test: style lab-env ## Check and test everything, as CI does
	@said=$$(mktemp); { $(TYPES); } > $$said 2>&1 & types=$$!; failed=0; \
	trap 'kill $$types 2>/dev/null; rm -f $$said; exit 130' INT TERM; \
	$(RUN) pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS) || failed=$$?; \
	wait $$types || failed=$$?; cat $$said; rm -f $$said; exit $$failed

lint: style ## Check style and types
	@$(TYPES)

style: env-dev
	@$(RUN) ruff check
	@$(RUN) ruff format --check

format: env-dev ## Mend style where a tool can
	@$(RUN) ruff check --fix
	@$(RUN) ruff format

docs: env ## Renew the docs that are made from the code
	@$(RUN) python -m secanalysis.documentation

lab: lab-env $(if $(STRIP),strip-outputs) ## Open JupyterLab on the notebooks (DIR=../ours: another project's; STRIP=1: commit no outputs)
	@open=lab/tree/notebooks; [ ! -f "$(DIR)/notebooks/explore.ipynb" ] || open=$$open/explore.ipynb; \
	root=; [ "$$(id -u)" != 0 ] || root=--allow-root; \
	PATH="$$PWD/.venv/bin:$$PWD/.venv-lab/bin:$$PATH" .venv-lab/bin/python -m jupyterlab \
		--ServerApp.root_dir="$$(cd "$(DIR)" && pwd)" --LabApp.default_url="/$$open" $$root $(ARGS)

# Outputs stay out of commits, in this clone alone.
strip-outputs: lab-env
	@set -e; cd "$(DIR)"; attributes=$$(git rev-parse --git-path info/attributes); \
	git config filter.nbstripout.clean "'$(CURDIR)/.venv-lab/bin/nbstripout' --keep-id"; \
	git config filter.nbstripout.smudge cat; \
	git config filter.nbstripout.required true; \
	mkdir -p "$$(dirname "$$attributes")"; \
	grep -qsx '[*].ipynb filter=nbstripout' "$$attributes" || echo '*.ipynb filter=nbstripout' >> "$$attributes"; \
	echo "Commits of notebooks have no outputs now. To undo: git config --remove-section filter.nbstripout"

# JupyterLab stays out of the environment that runs reports, so its kernels name that one's Python: `python3` too,
# the name that notebooks carry.
lab-env: env
	$(call fill,.venv-lab,requirements-lab.lock)
	@.venv-lab/bin/python -c "$$LAB"

# Nothing is fetched unasked: no news, no check for updates, no list of extensions.
define LAB
import json
from pathlib import Path

lab, python = Path(".venv-lab"), str(Path(".venv/bin/python").absolute())
# Tables that sort (itables) are the one thing of the lab's that kernels need; the rest stays out of theirs.
[packages] = lab.glob("lib/python3*/site-packages")
beside = lab / "kernel"
beside.mkdir(exist_ok=True)
(beside / "itables").unlink(missing_ok=True)
(beside / "itables").symlink_to((packages / "itables").absolute())

def write(path, value):
    (lab / path).parent.mkdir(parents=True, exist_ok=True)
    (lab / path).write_text(json.dumps(value, indent=2), encoding="utf-8")

for name, title in {"secanalysis": "secanalysis", "python3": "Python 3 (ipykernel)"}.items():
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--IPKernelApp.extra_extensions=secanalysis"]
    spec = {"env": {"PYTHONPATH": str(beside.absolute())}, "argv": argv, "display_name": title, "language": "python", "metadata": {"debugger": True}}
    write(f"share/jupyter/kernels/{name}/kernel.json", spec)
write("etc/jupyter/jupyter_lab_config.json", {"LabApp": {
    "news_url": None,
    "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    "extension_manager": "readonly",
}})
write("share/jupyter/lab/settings/overrides.json", {"@jupyterlab/apputils-extension:notification": {
    "fetchNews": "false",
    "checkForUpdates": False,
}})
endef
export LAB

bench: env-dev ## Measure time and memory
	@$(RUN) pytest -m bench $(ARGS)

soak: env-dev ## Run the long tests
	@$(RUN) pytest -m soak $(ARGS)

# The three agree because each is held to one resolution of everything. What is locked stays where it still fits.
lock: ## Rewrite the locks from pyproject.toml (UPGRADE=1: newest versions)
	@set -eu; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	"$(PYTHON)" -m venv "$$work/venv"; \
	"$$work/venv/bin/python" -m pip install -q --disable-pip-version-check uv==$(UV_VERSION); \
	requirements() { "$$work/venv/bin/python" -c "$$REQUIREMENTS" "$$@"; }; \
	compile() { "$$work/venv/bin/uv" pip compile -q --no-config --universal --python-version 3.11 --fork-strategy fewest \
		--no-header --no-annotate - "$$@"; }; \
	[ -n "$(UPGRADE)" ] || cat requirements-dev.lock requirements-lab.lock > "$$work/all" 2>/dev/null || :; \
	requirements build core ingest cluster dev lab | compile -o "$$work/all" > /dev/null; \
	lock() { file=$$1; shift; echo "Locking $$file"; \
		{ echo '# Written by make lock from pyproject.toml, for Python 3.11 and newer.'; \
		requirements "$$@" | compile -c "$$work/all" --generate-hashes; } > "$$work/lock"; \
		cp "$$work/lock" $$file; }; \
	lock requirements.lock build core ingest; \
	lock requirements-dev.lock build core ingest cluster dev; \
	lock requirements-lab.lock lab

define REQUIREMENTS
import sys, tomllib
from pathlib import Path

file = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
groups = {"build": file["build-system"]["requires"], "core": file["project"]["dependencies"]}
groups |= file["project"]["optional-dependencies"]
print(*(line for name in sys.argv[1:] for line in groups[name]), sep="\n")
endef
export REQUIREMENTS

clean: ## Remove what was computed, and caches
	@rm -rf data/processed runs site dvc.lock .dvc/cache .dvc/tmp .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist

distclean: clean ## Remove the environments too
	@rm -rf .venv .venv-lab
