"""Metrics for local clients or with the token, and the configuration for clients."""

import math
import re

import httpx2
import psycopg
import pytest

from app.data.database import Database
from app.data.errors import DatabaseAwayError
from tests.support.application import Api, in_process, new_client
from tests.support.rows import add_event

FORWARDED = {"X-Forwarded-For": "203.0.113.7"}


async def test_metrics_count_requests_by_route_and_bookings_by_outcome(api: Api) -> None:
    ana, event = api.customer(), add_event(api.db, capacity=1)
    booking = await ana.book(event)
    await ana.post("/api/bookings", {"event_id": event, "quantity": 1})
    code = booking["tickets"][0]["ticket_code"]
    await ana.get(f"/api/tickets/{code}")
    text = (await api.anonymous.get("/metrics")).text
    for line in (
        'marquee_request_seconds_count{method="GET",route="/api/tickets/{code}",status="200"}',
        'marquee_bookings_total{outcome="booked"}',
        'marquee_bookings_total{outcome="sold-out"}',
    ):
        assert f"\n{line} " in text
    assert not any(secret in text for secret in (code, ana.person.phone, ana.person.token))


async def test_metrics_need_a_local_client_or_the_token(
    api: Api, database_url: str, db: psycopg.Connection
) -> None:
    # A request forwarded by a local proxy is not local.
    response = await api.anonymous.get("/metrics", headers=FORWARDED)
    assert (response.status_code, response.json()["type"]) == (403, "/problems/not-allowed")
    empty = {**FORWARDED, "Authorization": "Bearer "}
    assert (await api.anonymous.get("/metrics", headers=empty)).status_code == 403
    async with in_process(database_url, METRICS_TOKEN="t0ken") as client:
        anonymous = Api(client, db).anonymous
        for given, status in (
            *(("Bearer t0ken", 200), ("Bearer t0ke", 403), ("Bearer t0kenx", 403)),
            *(("t0ken", 403), ("", 403), ("Bearer", 403), (b"Bearer \xff\xfe", 403)),
        ):
            headers = {**FORWARDED, "Authorization": given}
            assert (await anonymous.get("/metrics", headers=headers)).status_code == status, given


@pytest.mark.parametrize(
    "headers",
    (
        *({"X-Real-IP": "203.0.113.7"}, {"Forwarded": "for=203.0.113.7"}, {"Via": "1.1 proxy"}),
        *({"CF-Connecting-IP": "203.0.113.7"}, {"X-Forwarded-Proto": "https"}),
        # A foreign host name that resolves to this machine (DNS rebinding).
        *({"Host": "evil.test"}, {"Host": "localhost.evil.test"}, {"Host": ""}),
    ),
    ids=str,
)
async def test_metrics_are_refused_to_proxied_and_foreign_host_requests(
    api: Api, headers: dict[str, str]
) -> None:
    for host in ({}, {"Host": "127.0.0.1:8000"}, {"Host": "[::1]"}):
        assert (await api.anonymous.get("/metrics", headers=host)).status_code == 200
    response = await api.client.get("/metrics", headers=headers)
    assert (response.status_code, response.json()["type"]) == (403, "/problems/not-allowed")


async def test_metrics_are_refused_to_remote_clients(database_url: str) -> None:
    async with in_process(database_url, METRICS_TOKEN="t0ken") as client:
        here = client._transport
        assert isinstance(here, httpx2.ASGITransport)
        transport = httpx2.ASGITransport(here.app, client=("192.0.2.7", 5_000))
        async with new_client(transport, "http://localhost") as elsewhere:
            assert (await elsewhere.get("/metrics")).status_code == 403
            token = {"Authorization": "Bearer t0ken"}
            assert (await elsewhere.get("/metrics", headers=token)).status_code == 200


def oldest_snapshot(text: str) -> float:
    (line,) = re.findall(r"(?m)^marquee_database_oldest_snapshot_seconds (\S+)$", text)
    return float(line)


async def test_metrics_show_the_oldest_snapshot_to_a_permitted_role(
    api: Api, database_url: str, superuser_url: str
) -> None:
    assert math.isnan(oldest_snapshot((await api.anonymous.get("/metrics")).text))
    with psycopg.connect(superuser_url, autocommit=True) as superuser:
        superuser.execute("GRANT pg_read_all_stats TO owner")
        try:
            assert oldest_snapshot((await api.anonymous.get("/metrics")).text) == 0
            # A snapshot of another role, which is invisible without this right.
            with psycopg.connect(superuser_url) as analyst:
                analyst.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                analyst.execute("SELECT count(*) FROM event_sales")
                assert oldest_snapshot((await api.anonymous.get("/metrics")).text) > 0
        finally:
            superuser.execute("REVOKE pg_read_all_stats FROM owner")


async def test_metrics_do_not_wait_for_an_unreachable_database(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise DatabaseAwayError

    monkeypatch.setattr(Database, "value", away)

    assert math.isnan(oldest_snapshot((await api.anonymous.get("/metrics")).text))


async def test_demo_accounts_are_shown_in_the_demo_only(
    api: Api, database_url: str, db: psycopg.Connection
) -> None:
    assert (await api.anonymous.read("/api/config"))["demo_accounts"] == []
    async with in_process(database_url, DEMO="true", CURRENCY="CHF", DEFAULT_REGION="CH") as client:
        config = await Api(client, db).anonymous.read("/api/config")
    assert (config["currency"], config["default_region"]) == ("CHF", "CH")
    assert {account["role"] for account in config["demo_accounts"]} == {"admin", "customer"}
    for account in config["demo_accounts"]:
        assert account.keys() == {"name", "phone", "password", "role"}
