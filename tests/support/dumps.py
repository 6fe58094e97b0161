"""The structure of a database from pg_dump, in a form that can be compared."""

import re
from pathlib import Path

import psycopg

from app.local.paths import ROOT
from tests.support.programs import run_program


def dump(url: str, *arguments: str) -> str:
    result = run_program("pg_dump", url, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def structure(url: str) -> str:
    """Return everything in schema public but yoyo's tables, including comments and privileges.

    pg_dump prints a random token, and grants in the order of their creation.
    """
    text = dump(
        url,
        "--schema-only",
        "-n",
        "public",
        "-T",
        "*yoyo*",
        "-T",
        "public.*yoyo*_seq",
        "-T",
        "public.activity_20*",
    )
    text = re.sub(r"^\\(un)?restrict .*\n", "", text, flags=re.MULTILINE)
    acl = re.compile(r"^(?:GRANT|REVOKE) .*;$", re.MULTILINE)
    grants = sorted(acl.findall(text))
    return acl.sub("", text) + "\n".join(grants) + "\n" + _beside_the_schema(url)


def build_from_sql(url: str, folder: Path = ROOT / "sql") -> None:
    """Build the database from sql/schema.sql."""
    result = run_program(
        "psql", url, "-Xq", "-v", "ON_ERROR_STOP=1", "-1", "-f", str(folder / "schema.sql")
    )
    assert result.returncode == 0, result.stderr


def _beside_the_schema(url: str) -> str:
    """Return what pg_dump omits when only one schema is dumped."""
    with psycopg.connect(url) as connection:
        extensions = connection.execute(
            "SELECT extname, extnamespace::regnamespace::text FROM pg_extension ORDER BY 1"
        ).fetchall()
        defaults = connection.execute(
            "SELECT defaclobjtype, defaclacl::text FROM pg_default_acl ORDER BY 1"
        ).fetchall()
    return f"extensions: {extensions}\ndefault privileges: {defaults}\n"
