"""Checks DATABASE_URL. Its messages never repeat the value, because it holds a password."""

from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

FORM = (
    "DATABASE_URL is not a PostgreSQL address. Its form is"
    " postgresql://user:password@host:5432/database,"
    " with special characters in the password percent-encoded."
)


def parameters_of(url: str) -> dict[str, str]:
    """Return the connection parameters of an address.

    Raises ValueError when libpq and asyncpg would not both find the same parts in it. A password
    that is not percent-encoded is the usual reason: some of it would be taken for the host, the
    port or the database, and would be printed as such.
    """
    try:
        parameters = conninfo_to_dict(url)
        login, _, hosts = urlsplit(url).netloc.rpartition("@")
    except (psycopg.ProgrammingError, ValueError):
        raise ValueError(FORM) from None
    ports = [*map(_port, hosts.split(",")), *str(parameters.get("port") or "").split(",")]
    if (
        not url.startswith(("postgresql://", "postgres://"))
        or "#" in url
        or url.count("@") > bool(login)
        or not all(port.isdecimal() for port in ports if port)
    ):
        raise ValueError(FORM)
    return {name: str(value) for name, value in parameters.items()}


def _port(host: str) -> str:
    """Return the port of one host; an IPv6 address has colons, and brackets around them."""
    return host.rpartition("]")[2].partition(":")[2]
