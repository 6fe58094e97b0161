"""Check the PostgreSQL at DATABASE_URL. database.py starts it with the installed packages."""

import os
import sys

import psycopg

from app.database_url import parameters_of

OLDEST = 15
CONNECT_SECONDS = 5


def main() -> int:
    """Print which PostgreSQL answers, or the reason why none does, but never the password."""
    url = os.environ["DATABASE_URL"]
    try:
        parameters = parameters_of(url)
    except ValueError as error:
        return _refuse(str(error))
    place = f"host {parameters.get('host', 'localhost')}, port {parameters.get('port', '5432')}"
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


def _refuse(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
