"""The commands that the Makefile calls: `python3 -m app.local COMMAND`."""

import json
import os
import shlex
import shutil
import signal
import sys

from app.local import browser, database, embedded, ports, server, setup
from app.local.console import LocalError, complain, say, step
from app.local.locks import Lock
from app.local.paths import FRONTEND, LOCAL, VENV_PYTHON
from app.local.paths import environment as program_environment
from app.local.postgres import find_binaries
from app.local.programs import run_module

FRONTEND_PORT = 4200
# Mails of the embedded installation.
MAILS = LOCAL / "mails"


def main(words: list[str]) -> int:
    """Run the command that the words name; return the status for the shell."""
    # SIGTERM ends the program in progress as well, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        setup.check_owner()
        return _run(words)
    except LocalError as error:
        complain(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        complain("\nInterrupted.")
        return 130


def _run(words: list[str]) -> int:
    match words:
        case ["setup", *command]:
            return setup.run(command)
        case ["run"]:
            serve()
        case ["dev"]:
            develop()
        case ["stop"]:
            stop()
        case ["psql"]:
            psql()
        case ["with-database", _, *_]:
            with_database(words[1:])
        case ["reset"]:
            reset(force=False)
        case ["reset", "--force"]:
            reset(force=True)
        case ["chromium"]:
            browser.ensure()
        case _:
            raise LocalError(
                f"No such command: {' '.join(words)}. The Makefile lists all commands."
            )
    return 0


def serve() -> None:
    """Run the server on a migrated database until it is stopped."""
    _refuse_demo_on_network()
    with server.only_one() as lock:
        chosen = _prepared_database()
        processes = server.Processes(lock)
        with step("Starting the server"):
            variables = {**chosen.variables, **_mail_variables(chosen)}
            processes.start([str(VENV_PYTHON), "-m", "app"], variables, log=server.LOG)
            ready = processes.wait_until_ready()
        if ready:
            _welcome(server.address(), shows_mails=bool(_mail_variables(chosen)))
            processes.wait()
        _goodbye(chosen)


def develop() -> None:
    """Run the API and Angular's server; both reload when a file changes."""
    _refuse_demo_on_network()
    with server.only_one() as lock:
        chosen = _prepared_database()
        processes = server.Processes(lock)
        processes.start(_reloading_server(), {**chosen.variables, **_mail_variables(chosen)})
        if processes.wait_until_ready():
            port = ports.choose(FRONTEND_PORT)
            # Otherwise Angular's server would use the port of the API from the environment.
            processes.start(_angular_server(port), {"PORT": str(port)}, FRONTEND)
            _welcome(
                f"http://localhost:{port}, the API alone at {server.address()}",
                shows_mails=bool(_mail_variables(chosen)),
            )
            processes.wait()
        _goodbye(chosen)


def stop() -> None:
    """Stop the server, then the embedded PostgreSQL."""
    say("Server: stopped" if server.stop() else "Server: not running")
    say("PostgreSQL: stopped" if embedded.stop() else "PostgreSQL: not running")


def psql() -> None:
    """Replace this process with psql, connected to the database."""
    url, password = database.without_password(database.ensure().url)
    _become([str(find_binaries() / "psql"), url], password)


def with_database(command: list[str]) -> None:
    """Replace this process with the command, with the database's address in its environment."""
    _become(command, database.ensure().variables)


def reset(*, force: bool) -> None:
    """Delete the embedded database; ask first, unless forced."""
    if database.is_external():
        raise LocalError(
            "DATABASE_URL is set. `make reset` deletes only the embedded database:"
            " unset it, or delete your own database yourself."
        )
    # Ask before taking the lock, so that `make stop` and `make run` do not wait for the answer.
    if not force:
        say("This deletes the embedded database with every event and booking in it.")
        say("Type yes to go on:")
        if sys.stdin.readline().strip() != "yes":
            raise LocalError("Nothing was deleted.")
    with Lock(LOCAL / "server.lock") as lock:
        if not lock.take():
            raise LocalError("The server is running. Stop it first: make stop")
        embedded.wipe()
        shutil.rmtree(MAILS, ignore_errors=True)
    say("The embedded database is deleted. `make run` makes a new one.")


def _become(command: list[str], variables: dict[str, str]) -> None:
    sys.stdout.flush()
    os.execvpe(command[0], command, program_environment(**variables))  # noqa: S606


def _refuse_demo_on_network() -> None:
    if not database.is_external() and not server.is_on_loopback():
        raise LocalError(
            "The embedded database has demo accounts, admins among them, whose passwords are"
            " public. It is served on loopback only.\n"
            "On a network, serve a database of your own: DATABASE_URL=... HOST=... make run"
        )


def _prepared_database() -> database.Database:
    """Return the database with its schema, and with demo data if it is the embedded one."""
    chosen = database.ensure()
    _module("app.operations.migrations", "apply", what="Applying migrations", chosen=chosen)
    if chosen.embedded:
        _module("seeds.demo", what="Adding demo data", chosen=chosen)
    return chosen


def _module(module: str, *arguments: str, what: str, chosen: database.Database) -> None:
    with step(what):
        run_module(module, *arguments, what=what, variables=chosen.variables)


def _mail_variables(chosen: database.Database) -> dict[str, str]:
    """Return the setting that keeps mails in a folder, unless there is a mail server."""
    if not chosen.embedded or os.environ.get("SMTP_URL"):
        return {}
    return {"MAIL_FOLDER": str(MAILS)}


def _reloading_server() -> list[str]:
    python = str(VENV_PYTHON)
    return [python, "-m", "watchfiles", f"{shlex.quote(python)} -m app", "app", "sql"]


def _angular_server(port: int) -> list[str]:
    """Return the command of Angular's server, which forwards /api to the API."""
    proxy = LOCAL / "proxy.conf.json"
    proxy.write_text(json.dumps({"/api": {"target": server.address(), "secure": False}}))
    # Not through npm, which would end and leave the server running.
    program = str(FRONTEND / "node_modules" / ".bin" / "ng")
    return [program, "serve", "--port", str(port), "--proxy-config", str(proxy)]


def _welcome(where: str, *, shows_mails: bool) -> None:
    say(f"\nMarquee is ready: {where}")
    if shows_mails:
        say(f"Mails are not sent, but shown: {server.address()}/mails")
    if accounts := server.demo_accounts():
        say("Demo accounts:")
        for account in accounts:
            say(f"  {account['role']:<9} phone {account['phone']}  password {account['password']}")
    say("Ctrl-C stops the server.\n")


def _goodbye(chosen: database.Database) -> None:
    say("The server has stopped.")
    if chosen.embedded:
        say("PostgreSQL keeps running, for the next start; `make stop` stops it.")
