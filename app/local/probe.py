"""Check the PostgreSQL at DATABASE_URL; started by database.py with the packages at hand."""

import os
import sys

import psycopg
from psycopg.conninfo import conninfo_to_dict

OLDEST = 15
CONNECT_SECONDS = 5

_FORM = (
    "DATABASE_URL is not a PostgreSQL address. Its form is"
    " postgresql://user:password@host:5432/database,"
    " with special characters in the password percent-encoded."
)


def main() -> int:
    """Say which PostgreSQL answers, or on standard error why none does; never the password."""
    url = os.environ["DATABASE_URL"]
    try:
        parameters = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return _refuse(_FORM)
    host = str(parameters.get("host", "localhost"))
    port = str(parameters.get("port", 5432))
    if not url.startswith(("postgresql://", "postgres://")) or not _is_port_list(port):
        return _refuse(_FORM)
    place = f"host {host}, port {port}"
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            version = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        reason = str(error).strip().removeprefix("connection failed: ").splitlines()[0]
        return _refuse(f"Cannot reach the PostgreSQL at DATABASE_URL ({place}): {reason}")
    if version < OLDEST:
        return _refuse(
            f"The PostgreSQL at DATABASE_URL ({place}) is version {version};"
            f" Marquee needs {OLDEST} or newer."
        )
    sys.stdout.write(f"PostgreSQL {version}: {place}\n")
    return 0


def _is_port_list(port: str) -> bool:
    return all(part.isdecimal() for part in port.split(","))


def _refuse(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
