"""The project's own PostgreSQL, used when DATABASE_URL names no other."""

import os
import secrets
from pathlib import Path

from app.local.console import say, step
from app.local.locks import alone
from app.local.paths import LOCAL
from app.local.postgres import DISCREET, SUPERUSER, Cluster

FOLDER = LOCAL / "postgres"
OWNER = "marquee"
DATABASE = "marquee"
PREFERRED_PORT = 54320

_OPTIONS = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    **DISCREET,
    # What a DBA looks at first: which statements cost most, and who waited for a lock.
    "shared_preload_libraries": "pg_stat_statements",
    "log_lock_waits": "on",
    # One log file for each day of the week, overwritten a week later.
    "logging_collector": "on",
    "log_directory": str(FOLDER / "log"),
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
}


def cluster() -> Cluster:
    """Return the server, running or not."""
    password = _password(SUPERUSER)
    return Cluster(FOLDER, port=PREFERRED_PORT, options=_OPTIONS, password=password)


def ensure() -> str:
    """Start the server if necessary, with its role and database; return the database's address."""
    with alone(LOCAL / "postgres.lock"):
        server = cluster()
        if not server.data.exists():
            with step("Creating the PostgreSQL data folder .local/postgres"):
                server.init()
        if server.is_running():
            say(f"PostgreSQL: running on port {server.port}")
        else:
            with step("Starting PostgreSQL"):
                server.start()
        password = _password(OWNER)
        server.psql(_setup_script(password))
        return server.url(DATABASE, OWNER, password)


def stop() -> bool:
    """Stop the server; say whether it was running."""
    with alone(LOCAL / "postgres.lock"):
        if not FOLDER.exists() or not (server := cluster()).is_running():
            return False
        server.stop()
        return True


def wipe() -> None:
    """Delete the database with its passwords and log."""
    with alone(LOCAL / "postgres.lock"):
        if FOLDER.exists():
            cluster().remove()


def _setup_script(password: str) -> str:
    """Return the script that creates the role and the database.

    Every start runs it, so it completes what an interrupted start has left undone.
    """
    # The password is hexadecimal digits, so it needs no quoting.
    return rf"""
        SELECT 'CREATE ROLE {OWNER}'
        WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') \gexec
        ALTER ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{password}';
        SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0'
               ' ENCODING ''UTF8'' LOCALE ''C.UTF-8'''
        WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \gexec
        -- In the superuser's database: a dump of the other one then does not contain it.
        CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
        -- Also for the metric of the oldest snapshot.
        GRANT pg_read_all_stats TO {OWNER};
    """  # noqa: S608


def _password(role: str) -> str:
    """Return the role's password, which its first use creates; only this account can read it."""
    path = FOLDER / f"{role}-password"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return _create_password(path)


def _create_password(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    password = secrets.token_hex(24)
    # The file gets its name when it is complete, so a half-written password is never read.
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{password}\n")
    unfinished.rename(path)
    return password
