"""sql/ and migrations/ give the same database, and any difference is detected."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor

from app.local.paths import ROOT
from app.local.postgres import Cluster
from app.operations import migrations
from tests.support.databases import OWNER
from tests.support.dumps import build_from_sql, structure
from tests.support.programs import psql

MakeDatabase = Callable[[], str]


@pytest.fixture(scope="module")
def migrated(cluster: Cluster, migrated_template: NoopExecutor) -> str:
    """The structure that all migrations give."""
    return structure(cluster.url(migrated_template.template_dbname, OWNER))


@pytest.fixture
def sql_folder(tmp_path: Path) -> Path:
    """A copy of sql/ that a test may change."""
    return Path(shutil.copytree(ROOT / "sql", tmp_path / "sql"))


@pytest.fixture
def migrations_folder(tmp_path: Path) -> Path:
    """A copy of migrations/ that a test may change."""
    return Path(shutil.copytree(ROOT / "migrations", tmp_path / "migrations"))


def change(folder: Path, pattern: str, replacement: str) -> None:
    """Replace the first match in each file that has one, because the last migration decides."""
    changed = []
    for path in sorted(folder.rglob("*.sql")):
        if not path.stem.endswith(".rollback"):
            text, count = re.subn(pattern, replacement, path.read_text(), count=1)
            if count:
                path.write_text(text)
                changed.append(path)
    assert changed


def test_schema_equals_migrations(empty_database: MakeDatabase, migrated: str) -> None:
    url = empty_database()
    build_from_sql(url)

    assert structure(url) == migrated


def test_the_comparison_covers_every_kind_of_object(migrated: str) -> None:
    for sign in (
        "CREATE TABLE public.events (",
        "CREATE FUNCTION public.book_tickets(",
        "CREATE VIEW public.integrity_violations",
        "CREATE TYPE public.event_status AS ENUM",
        "CREATE TRIGGER activity_is_append_only",
        "CREATE UNIQUE INDEX bookings_one_per_idempotency_key",
        "COMMENT ON COLUMN public.bookings.booked_by",
        "GRANT SELECT ON TABLE public.events TO ticketing_api;",
        "GRANT SELECT ON TABLE public.event_sales TO ticketing_reader;",
        "GRANT INSERT(user_id) ON TABLE public.sessions TO ticketing_api;",
        "GRANT UPDATE(search_text) ON TABLE public.users TO ticketing_api;",
        "default privileges: [('f', '{",
        "REVOKE ALL ON FUNCTION public.begin_sign_in(",
        "CONSTRAINT events_never_oversold CHECK",
        "fillfactor",
        "('pg_trgm', 'public')",
    ):
        assert sign in migrated, sign
    assert "yoyo" not in migrated


# Differences that must be detected: the original text, and its replacement.
MISTAKES = {
    "body of a function": ("interval '15 minutes'", "interval '16 minutes'"),
    "comment on a column": (r"What one ticket cost when it was booked\.", "What it cost."),
    "comment on a function": ("Cancels a booking and its tickets,", "Cancels a booking,"),
    "grant on a table": (r"(?m)^    event_words,\n", ""),
    "grant on a column": (r"UPDATE \(search_text\) ON users", "UPDATE (name) ON users"),
    "grant on a function": (
        "GRANT EXECUTE ON FUNCTION cancel_booking TO ticketing_api;",
        "",
    ),
    "grant to PUBLIC": (r"(?m)^    mask_phone,\n", ""),
    "default rights of PUBLIC": ("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE.*", ""),
    "order of columns": (
        r"(?m)^( +name +text +NOT NULL,\n)( +phone +text.*,.*\n)",
        r"\2\1",
    ),
    "name of a constraint": ("CONSTRAINT events_version_positive", "CONSTRAINT events_version"),
    "default of a column": ("interval '30 days'", "interval '31 days'"),
    "volatility of a function": (
        r"(FUNCTION correct_word\(p_word text\)\nRETURNS text\[\]\nLANGUAGE plpgsql\n)STABLE",
        r"\1VOLATILE",
    ),
    "fillfactor of a table": ("fillfactor = 50", "fillfactor = 60"),
    "predicate of an index": (
        r"ON activity \(event_id, id\) WHERE event_id IS NOT NULL",
        "ON activity (event_id, id)",
    ),
    "value of an enumeration": (r"'user-changed',\n", "'user-changed', 'user-deleted',\n"),
    "column of a view": (
        r"trunc\(100\.0 \* tickets_sold / capacity, 1\)",
        "trunc(100.0 * tickets_sold / capacity, 2)",
    ),
    "events of a trigger": ("BEFORE UPDATE OR DELETE OR TRUNCATE ON", "BEFORE UPDATE OR DELETE ON"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_change_in_sql_alone_is_detected(
    empty_database: MakeDatabase, sql_folder: Path, migrated: str, mistake: str
) -> None:
    change(sql_folder, *MISTAKES[mistake])
    url = empty_database()
    build_from_sql(url, sql_folder)

    assert structure(url) != migrated


@pytest.mark.parametrize(
    "mistake", ("body of a function", "comment on a column", "grant on a table", "order of columns")
)
def test_a_change_in_migrations_alone_is_detected(
    empty_database: MakeDatabase, migrations_folder: Path, migrated: str, mistake: str
) -> None:
    change(migrations_folder, *MISTAKES[mistake])
    migrations.seal(migrations_folder)
    url = empty_database()
    migrations.apply(url, migrations_folder)

    assert structure(url) != migrated


def test_the_order_of_grants_does_not_matter(empty_database: MakeDatabase, migrated: str) -> None:
    url = empty_database()
    build_from_sql(url)
    psql(
        url,
        "REVOKE SELECT ON events FROM ticketing_api;"
        "GRANT SELECT ON event_availability TO postgres;"
        "REVOKE SELECT ON event_availability FROM postgres;"
        "GRANT SELECT ON events TO ticketing_api;",
    )

    assert structure(url) == migrated


def test_schema_sql_names_every_file(sql_folder: Path) -> None:
    named = set(re.findall(r"(?m)^\\ir (\S+)$", (sql_folder / "schema.sql").read_text()))
    there = {
        str(path.relative_to(sql_folder))
        for path in sql_folder.rglob("*.sql")
        if "queries" not in path.parts and path.name != "schema.sql"
    }

    assert named == there


@pytest.fixture(autouse=True)
def _closed(cluster: Cluster) -> Iterator[None]:
    """Close every connection to the template, which could not be copied otherwise."""
    yield
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname ~ '_tmpl$'"
        ).fetchone()
    assert left == (0,)
