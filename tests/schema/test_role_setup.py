"""Roles belong to the cluster, so setting up several databases must not collide."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from app.local.postgres import DISCREET, NOT_DURABLE, Cluster, throw_away_cluster
from app.operations import migrations
from app.operations.migration_locks import MigrationError
from tests.support.locks import await_lock_waiters
from tests.support.rows import value


@pytest.fixture(scope="module")
def bare_cluster() -> Iterator[Cluster]:
    """A new cluster without our roles."""
    with throw_away_cluster({**NOT_DURABLE, **DISCREET}) as running:
        running.psql(
            "CREATE ROLE owner LOGIN CREATEDB CREATEROLE;CREATE ROLE plain LOGIN CREATEDB;"
        )
        yield running


@pytest.fixture(autouse=True)
def no_roles(bare_cluster: Cluster) -> Iterator[None]:
    yield
    for name in ("a", "b", "c", "d"):
        bare_cluster.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    bare_cluster.psql("DROP ROLE IF EXISTS ticketing_api, ticketing_reader")


def create(cluster: Cluster, name: str, owner: str) -> str:
    cluster.psql(f"CREATE DATABASE {name} OWNER {owner}")
    return cluster.url(name, owner)


def test_databases_can_be_set_up_concurrently(bare_cluster: Cluster) -> None:
    urls = [create(bare_cluster, name, "owner") for name in ("a", "b", "c", "d")]

    with ThreadPoolExecutor() as threads:
        applied = list(threads.map(migrations.apply, urls))

    known = sorted(migrations.known_migrations())
    assert applied == [known] * 4


def test_a_right_granted_concurrently_is_accepted(
    bare_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = create(bare_cluster, "a", "owner")
    run = migrations._run_in_a_transaction
    refusals = [psycopg.errors.InsufficientPrivilege("owner may not become ticketing_api")]

    def refuse_once(*arguments: Any) -> str | None:
        if refusals:
            raise refusals.pop()
        return run(*arguments)

    monkeypatch.setattr(migrations, "_run_in_a_transaction", refuse_once)

    assert migrations.apply(url) == sorted(migrations.known_migrations())


def test_a_role_created_concurrently_is_accepted(bare_cluster: Cluster) -> None:
    create(bare_cluster, "a", "owner")
    url = create(bare_cluster, "b", "owner")

    with (
        ThreadPoolExecutor() as threads,
        psycopg.connect(bare_cluster.url(), autocommit=True) as watcher,
        psycopg.connect(bare_cluster.url("a", "owner")) as other,
    ):
        other.execute("CREATE ROLE ticketing_api NOLOGIN")
        migrating = threads.submit(migrations.apply, url)
        # It does not see the role yet, and has to wait for the other transaction.
        await_lock_waiters(watcher, "b")
        other.commit()

        assert migrating.result() == sorted(migrations.known_migrations())


def test_a_missing_right_to_create_roles_is_reported(bare_cluster: Cluster) -> None:
    url = create(bare_cluster, "a", "plain")

    with pytest.raises(MigrationError) as caught:
        migrations.apply(url)

    assert str(caught.value) == (
        "0001_first_release failed: role ticketing_api is missing and plain may not create it"
        " Have a superuser run: ALTER ROLE plain CREATEROLE, or CREATE ROLE ticketing_api."
    )


def test_a_missing_membership_in_ticketing_api_is_reported(bare_cluster: Cluster) -> None:
    url = create(bare_cluster, "a", "plain")
    bare_cluster.psql("CREATE ROLE ticketing_api; CREATE ROLE ticketing_reader;")

    with pytest.raises(MigrationError) as caught:
        migrations.apply(url)

    assert str(caught.value) == (
        "0001_first_release failed: plain may not become ticketing_api"
        " Have a superuser run: GRANT ticketing_api TO plain."
    )


def test_following_the_hints_is_sufficient(bare_cluster: Cluster) -> None:
    url = create(bare_cluster, "a", "plain")
    bare_cluster.psql(
        "CREATE ROLE ticketing_api; CREATE ROLE ticketing_reader; GRANT ticketing_api TO plain;"
    )

    assert migrations.apply(url) == sorted(migrations.known_migrations())
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE ticketing_api")
        connection.execute("SELECT * FROM events")


def test_create_on_schema_public_is_revoked(bare_cluster: Cluster) -> None:
    url = create(bare_cluster, "a", "owner")
    with psycopg.connect(url) as connection:
        connection.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")

    migrations.apply(url)

    with psycopg.connect(url) as connection:
        assert not value(connection, "SELECT has_schema_privilege('public', 'public', 'CREATE')")


def test_a_public_schema_that_cannot_be_restricted_is_refused(bare_cluster: Cluster) -> None:
    url = create(bare_cluster, "a", "owner")
    # As pg_upgrade leaves a database of PostgreSQL 14.
    opened = "ALTER SCHEMA public OWNER TO postgres; GRANT ALL ON SCHEMA public TO PUBLIC;"
    bare_cluster.psql(opened, "a")

    with pytest.raises(MigrationError) as caught:
        migrations.apply(url)

    assert str(caught.value).endswith(
        " failed: everybody may create objects in the schema public, and owner may not change that"
        " Have a superuser run in this database: REVOKE CREATE ON SCHEMA public FROM PUBLIC."
    )
    bare_cluster.psql(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT CREATE ON SCHEMA public TO owner;", "a"
    )
    migrations.apply(url)


@pytest.mark.parametrize("role", ("owner", "postgres"))
def test_the_owner_can_set_the_role_ticketing_api(bare_cluster: Cluster, role: str) -> None:
    url = create(bare_cluster, "a", role)
    migrations.apply(url)

    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE ticketing_api")
        assert value(connection, "SELECT current_user") == "ticketing_api"


@pytest.mark.steps_through_migrations
def test_a_rollback_keeps_the_roles_of_other_databases(bare_cluster: Cluster) -> None:
    first, second = (create(bare_cluster, name, "owner") for name in ("a", "b"))
    migrations.apply(first)
    migrations.apply(second)

    while migrations.roll_back(first, force=True):
        pass

    with psycopg.connect(second) as connection:
        connection.execute("SET ROLE ticketing_api")
        connection.execute("SELECT * FROM events")
    assert migrations.apply(first) == sorted(migrations.known_migrations())
