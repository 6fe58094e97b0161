"""The commands behind the targets of the Makefile."""

import json
import os
import shlex
import sys

from app.local import database, embedded, environment, node, ports, server
from app.local.console import LocalError, say, step
from app.local.locks import Lock
from app.local.paths import FRONTEND, LOCAL, VENV_PYTHON
from app.local.paths import environment as program_environment
from app.local.postgres import find_binaries
from app.local.programs import run, run_module

FRONTEND_PORT = 4200


def serve() -> None:
    """Set everything up and run the server until it is stopped."""
    _refuse_demo_on_network()
    with server.only_one() as lock:
        build()
        chosen = _prepared_database()
        processes = server.Processes(lock)
        with step("Starting the server"):
            processes.start([str(VENV_PYTHON), "-m", "app"], chosen.variables, log=server.LOG)
            ready = processes.wait_until_ready()
        if ready:
            _welcome(server.address())
            processes.wait()
        _goodbye(chosen)


def develop() -> None:
    """Run the server and Angular's, both reloading what changes."""
    _refuse_demo_on_network()
    with server.only_one() as lock:
        environment.ensure(environment.DEVELOPMENT)
        if node.has_frontend():
            node.ensure_packages()
        chosen = _prepared_database()
        processes = server.Processes(lock)
        processes.start(_reloading_server(), chosen.variables)
        if processes.wait_until_ready():
            where = server.address()
            if node.has_frontend():
                port = ports.choose(FRONTEND_PORT)
                # Angular's server would take ours from the environment.
                processes.start(_angular_server(port), {"PORT": str(port)}, FRONTEND)
                where = f"http://localhost:{port}, the API alone at {where}"
            _welcome(where)
            processes.wait()
        _goodbye(chosen)


def build() -> None:
    """Install what a server needs, and build the frontend if there is one."""
    environment.ensure(environment.RUN)
    if node.has_frontend():
        node.ensure_packages()
        node.ensure_build()


def stop() -> None:
    """Stop the server, then the embedded PostgreSQL."""
    say("Server: stopped" if server.stop() else "Server: not running")
    say("PostgreSQL: stopped" if embedded.stop() else "PostgreSQL: not running")


def psql() -> None:
    """Become psql, connected to the database."""
    chosen = _database()
    url, password = database.without_password(chosen.url)
    program = str(find_binaries() / "psql")
    sys.stdout.flush()
    variables = program_environment(**password)
    os.execve(program, [program, url], variables)  # noqa: S606


def migrate() -> None:
    """Apply the migrations that are missing."""
    _migrated(_database())


def rollback(name: str | None, *, force: bool) -> None:
    """Take the last migration back; the first one, with every table, only when forced."""
    words = [*([name] if name else []), *(["--force"] if force else [])]
    _module("app.migrations", "rollback", *words, what="The rollback", chosen=_database())


def migration(name: str) -> None:
    """Begin a new migration."""
    environment.ensure(environment.RUN)
    run_module("app.migrations", "new", name, what="Beginning the migration")


def seed(events: int | None, bookings: int | None) -> None:
    """Fill the database: with demo data, or with as much as is asked for."""
    only_demo = events is None and bookings is None
    if only_demo and database.is_external():
        raise LocalError(
            "DATABASE_URL is set. The passwords of the demo accounts are public:"
            " the demo data is for the embedded database only."
        )
    chosen = _migrated(_database())
    if only_demo:
        _module("seeds.demo", what="Demo data", chosen=chosen)
        return
    amounts = [
        word
        for name, amount in (("--events", events), ("--bookings", bookings))
        if amount is not None
        for word in (name, str(amount))
    ]
    _module("seeds.generate", *amounts, what="Generating data", chosen=chosen)


def admin() -> None:
    """Create the first admin, or make somebody one."""
    _module("app.admin_account", what="Creating the admin", chosen=_migrated(_database()))


def reset(*, force: bool) -> None:
    """Delete the embedded database, if the person means it."""
    if database.is_external():
        raise LocalError(
            "DATABASE_URL is set. `make reset` deletes only the embedded database:"
            " unset it, or empty yours by your own means."
        )
    # Asked before the lock is taken: `make stop` and `make run` need not wait for an answer.
    if not force:
        say("This deletes the embedded database with every event and booking in it.")
        say("Type yes to go on:")
        if sys.stdin.readline().strip() != "yes":
            raise LocalError("Nothing was deleted.")
    with Lock(LOCAL / "server.lock") as lock:
        if not lock.take():
            raise LocalError("The server is running. Stop it first: make stop")
        embedded.wipe()
    say("The embedded database is deleted. `make run` makes a new one.")


def lock() -> None:
    """Write the lock files anew, with the newest versions pyproject.toml allows."""
    environment.ensure(environment.DEVELOPMENT)
    compile_ = ["uv", "pip", "compile", "--quiet", "--no-config", "--upgrade", "--universal"]
    compile_ += ["--python-version", "3.11", "--generate-hashes", "--no-annotate"]
    compile_ += ["--no-emit-index-url", "--custom-compile-command", "make lock", "pyproject.toml"]
    with step(f"Writing {environment.RUN} and {environment.DEVELOPMENT}"):
        what = "Resolving the versions"
        run([*compile_, "-o", environment.RUN], what=what)
        development = ["--group", "dev", "-c", environment.RUN, "-o", environment.DEVELOPMENT]
        run([*compile_, *development], what=what)


def _refuse_demo_on_network() -> None:
    if not database.is_external() and not server.is_on_loopback():
        raise LocalError(
            "The embedded database has demo accounts, admins among them, whose passwords are"
            " public. It is served on loopback only.\n"
            "On a network, serve a database of your own: DATABASE_URL=... HOST=... make run"
        )


def _database() -> database.Database:
    environment.ensure(environment.RUN)
    return database.ensure()


def _migrated(chosen: database.Database) -> database.Database:
    with step("Applying migrations"):
        _module("app.migrations", "apply", what="Applying migrations", chosen=chosen)
    return chosen


def _prepared_database() -> database.Database:
    """Return the database with its schema, and with demo data if it is the embedded one."""
    chosen = _migrated(database.ensure())
    if chosen.embedded:
        with step("Adding demo data"):
            _module("seeds.demo", what="Adding demo data", chosen=chosen)
    return chosen


def _module(module: str, *arguments: str, what: str, chosen: database.Database) -> None:
    run_module(module, *arguments, what=what, variables=chosen.variables)


def _reloading_server() -> list[str]:
    python = str(VENV_PYTHON)
    return [python, "-m", "watchfiles", f"{shlex.quote(python)} -m app", "app", "sql"]


def _angular_server(port: int) -> list[str]:
    """Return the command of Angular's own server, which hands /api on to ours."""
    proxy = LOCAL / "proxy.conf.json"
    proxy.write_text(json.dumps({"/api": {"target": server.address(), "secure": False}}))
    # Not through npm, which would end without ending it.
    program = str(FRONTEND / "node_modules" / ".bin" / "ng")
    return [program, "serve", "--port", str(port), "--proxy-config", str(proxy)]


def _welcome(where: str) -> None:
    say(f"\nMarquee is ready: {where}")
    if accounts := server.demo_accounts():
        say("Demo accounts:")
        for account in accounts:
            say(f"  {account['role']:<9} phone {account['phone']}  password {account['password']}")
    say("Ctrl-C stops the server.\n")


def _goodbye(chosen: database.Database) -> None:
    say("The server has stopped.")
    if chosen.embedded:
        say("PostgreSQL keeps running, for the next start; `make stop` stops it.")
