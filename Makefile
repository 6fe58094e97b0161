PYTHON ?= python3
LOCAL = @$(PYTHON) -m app.local

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run dev build test lint stop psql migrate rollback migration seed admin reset lock screenshots bench bench-growth faults

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## Set everything up and serve on http://127.0.0.1:8000 (HOST=, PORT=, WORKERS=, DATABASE_URL=)
	$(LOCAL) run

dev: ## Serve with reload, and Angular's development server before it
	$(LOCAL) dev

build: ## Install everything and build the frontend, without serving
	$(LOCAL) build

test: ## Check everything: style, types, migrations, frontend, tests
	$(LOCAL) test

lint: ## Check style, types and migrations only
	$(LOCAL) lint

stop: ## Stop the server and the embedded PostgreSQL
	$(LOCAL) stop

psql: ## Open psql on the database
	$(LOCAL) psql

migrate: ## Apply the migrations that are missing
	$(LOCAL) migrate

rollback: ## Take the last migration back (name=: only if it is this one; the first one, with every table: FORCE=1)
	$(LOCAL) rollback $(name) $(if $(FORCE),--force)

migration: ## Begin a migration (name=add_something)
	$(LOCAL) migration "$(name)"

seed: ## Add the demo data, or EVENTS= and BOOKINGS= of generated data
	$(LOCAL) seed $(if $(EVENTS),--events $(EVENTS)) $(if $(BOOKINGS),--bookings $(BOOKINGS))

admin: ## Create the first admin, or make somebody one
	$(LOCAL) admin

reset: ## Delete the embedded database (FORCE=1: without asking)
	$(LOCAL) reset $(if $(FORCE),--force)

screenshots: ## Render every page and state into frontend/screenshots
	$(LOCAL) screenshots

bench: ## Measure bookings and pages against a constant (five minutes)
	$(LOCAL) bench

bench-growth: ## Measure what a thousand times as much data costs (half an hour)
	$(LOCAL) bench-growth

faults: ## Kill servers and databases at random for half an hour (MINUTES=), and look for what is lost
	$(LOCAL) faults

lock: ## Write the lock files anew, with the newest versions allowed
	$(LOCAL) lock
