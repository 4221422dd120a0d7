# Aller-vers: the commands of a laptop. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MOIS ?=
A_BLANC ?=
# Python reads where the project is installed in the encoding of the locale: under C, a folder with an accent is none.
ifneq (,$(filter C POSIX,$(LC_ALL)))
export LC_ALL := C.UTF-8
endif

# What a machine exports against compiled files would have each process compile the project again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo annee ui stop clean test test-celery test-image test-helm secrets sauvegarde restaurer mise-a-niveau audit sbom bench captures lint dictionnaire lock install install-dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## one month, from nothing to its lots and indicators (MOIS=2025-06, A_BLANC=1 for a dry run)
	@$(BIN)/python -m aller_vers run --mois "$(MOIS)" $(if $(A_BLANC),--a-blanc)

annee: install ## eighteen months of network lived on this laptop, the last one by Airflow; then make ui shows a past
	@$(BIN)/python -m aller_vers annee

demo: install ## from nothing to a past of four months (NB_MOIS=18: more), Airflow open, four accounts, the mail to read
	@$(BIN)/python -m aller_vers demo $(if $(NB_MOIS),--mois $(NB_MOIS))

ui: install ## start Airflow and leave it open, its address printed
	@$(BIN)/python -m aller_vers ui

stop: ## end everything that runs
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m aller_vers stop; fi

clean: ## end everything and erase data, lots and secrets (the installed packages stay)
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m aller_vers clean; fi

# The real Airflow waits more than it computes: on two cores, a third process does the other tests meanwhile.
test: install-dev ## every test, on three processes
	@$(BIN)/python -m pytest -n 3 --durations 20

test-celery: install-dev ## docker-compose.yml as processes: a month on two Celery workers, one killed
	@AV_CELERY_COMPLET=1 $(BIN)/python -m pytest tests/exploitation/celery_reel

test-image: install-dev ## the image built, docker-compose.yml run whole; needs a container engine
	@AV_MOTEUR=1 $(BIN)/python -m pytest tests/exploitation/test_compose_reel.py

test-helm: install-dev ## deploiement/ rendered by Helm on CHART=folder of Airflow's official chart
	@test -f "$(CHART)/Chart.yaml" || { echo "Donner CHART=dossier du chart officiel d'Airflow"; exit 1; }
	@AV_CHART="$(abspath $(CHART))" $(BIN)/python -m pytest tests/exploitation/test_helm.py

secrets: install ## the secrets that docker-compose.yml asks for, in .env (mode 0600); what it holds stays
	@$(BIN)/python -m aller_vers secrets

COMPOSE := docker compose
OUTIL := $(COMPOSE) run --rm sauvegarde
D_AIRFLOW := api-server scheduler dag-processor triggerer worker

sauvegarde: ## production: back up both databases, without the persons
	$(OUTIL)

restaurer: ## production: go back to SAUVEGARDE=sauvegarde-<instant>.json; Airflow stays stopped until oppositions are given again
	@test -n "$(SAUVEGARDE)" || { echo "Donner SAUVEGARDE=sauvegarde-<instant>.json"; exit 1; }
	$(COMPOSE) stop $(D_AIRFLOW)
	$(OUTIL) python -m aller_vers restaurer /sauvegardes/$(SAUVEGARDE) --remplacer
	$(OUTIL) python -m aller_vers trace verifier

mise-a-niveau: ## production: to the version that .env says, after a backup; checked before and after
	AV_REVISION=$$(git rev-parse HEAD 2>/dev/null || echo inconnue) $(COMPOSE) build
	$(COMPOSE) run --rm --no-deps init python -m aller_vers verifier --sans-serveurs
	$(COMPOSE) stop $(D_AIRFLOW)
	$(OUTIL)
	$(COMPOSE) run --rm init
	$(COMPOSE) up --detach --wait
	$(COMPOSE) run --rm --no-deps init python -m aller_vers verifier

audit: install-dev ## known vulnerabilities of what is installed, or of an image's bill (SBOM=sbom.cdx.json); fails too without an answer
	@bash .ci/audit $(SBOM)

sbom: install ## what the image holds, as CycloneDX, in sbom.cdx.json
	@$(BIN)/python -m aller_vers.exploitation.nomenclature requirements.txt > sbom.cdx.json && echo "Écrit : sbom.cdx.json"

bench: install ## measured speed of every stage, against its floor, and at 1, 10 and 100 times the national volume
	@$(BIN)/python benchmarks/plancher.py
	@$(BIN)/python benchmarks/portes.py
	@$(BIN)/python benchmarks/mesures_services.py
	@$(BIN)/python benchmarks/marts.py
	@$(BIN)/python benchmarks/pilotage.py
	@$(BIN)/python benchmarks/quotidien.py
	@$(BIN)/python benchmarks/arrondi.py
	@$(BIN)/python benchmarks/echelle.py
	@$(BIN)/python benchmarks/pannes.py --tours 40

lint: install-dev ## ruff, sqlfluff, strict types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/sqlfluff lint -q include/sql

captures: install-dev ## pictures of the page into docs/captures, of what runs: make demo, or make annee then make ui
	@mkdir -p docs/captures && $(BIN)/python tests/pilotage/captures.py

dictionnaire: install ## docs/indicateurs.md from include/indicateurs, and the lock of definitions
	@$(BIN)/python -m aller_vers dictionnaire

lock: install-dev ## compile requirements*.txt from requirements*.in (set UPGRADE=--upgrade for newer versions)
	@$(BIN)/uv pip compile $(UPGRADE) --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header -q requirements.in -o requirements.txt
	@$(BIN)/uv pip compile $(UPGRADE) --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header -q requirements-dev.in -c requirements.txt -o requirements-dev.txt

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

# As constraints too: a pip of before 2024 forgets a pin when another package asks for the same one with an extra.
$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else "Python %d.%d : il faut Python 3.11, 3.12 ou 3.13 (make PYTHON=python3.12 ...)." % v)'
	@echo "Installation des paquets dans $(VENV) (une à deux minutes)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --compile -r requirements.txt -c requirements.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --compile -r requirements-dev.txt -c requirements-dev.txt
	@touch $@
