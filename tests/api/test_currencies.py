"""Amounts in currencies with no, two and three decimals: taken, stored, shown and exported."""

import io
import json
import re
from decimal import Decimal

import psycopg
import pytest
from openpyxl import load_workbook

from app.settings import Settings
from tests.support.application import Api, in_process
from tests.support.bodies import edited_event, new_event
from tests.support.rows import add_event, value

# A currency, a price in it as it is typed, and the same price and that of three tickets as shown.
CURRENCIES = (
    ("JPY", "2500", "2500", "7500"),
    ("EUR", "12.5", "12.50", "37.50"),
    ("KWD", "1.25", "1.250", "3.750"),
)
TOO_FINE = (
    ("JPY", "2500.5", "The price can have no decimals."),
    ("JPY", "2500.50", "The price can have no decimals."),
    ("EUR", "12.505", "The price can have at most 2 decimals."),
    ("KWD", "1.2505", "The price can have at most 3 decimals."),
)


@pytest.mark.parametrize(("currency", "typed", "price", "total"), CURRENCIES)
async def test_amounts_have_the_decimals_of_the_currency_in_every_answer(
    database_url: str, db: psycopg.Connection, currency: str, typed: str, price: str, total: str
) -> None:
    async with in_process(database_url, CURRENCY=currency, DEFAULT_REGION="GB") as client:
        api = Api(client, db)
        admin, ana = api.admin(), api.customer()
        event = (await admin.post("/api/events", new_event(price=typed))).json()
        assert (event["price"], event["currency"]) == (price, currency)
        assert value(db, "SELECT price::text FROM events") == price

        booking = await ana.book(event["id"], 3)
        assert (booking["unit_price"], booking["total_amount"]) == (price, total)
        path = f"/api/bookings/event/{event['id']}"
        (listed,) = (await admin.read(path))["items"]
        assert (listed["unit_price"], listed["total_amount"]) == (price, total)
        statistics = (await admin.read(f"/api/admin/events/{event['id']}"))["statistics"]
        assert statistics["revenue"] == total
        overview = await admin.read("/api/admin/events?sort=revenue&limit=1")
        assert (overview["totals"]["revenue"], overview["items"][0]["price"]) == (total, price)
        sales = await admin.read(f"/api/admin/events/{event['id']}/sales")
        assert [day["revenue"] for day in sales["items"]] == [total]
        page = (await ana.get(f"/events/{event['id']}")).text
        data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
        assert data is not None
        assert json.loads(data[1])["offers"]["price"] == price

        line = (await admin.get(f"{path}.csv")).text.splitlines()[1]
        assert f',3,{price},{total},"{currency}"' in line
        xlsx = (await admin.get(f"{path}.xlsx")).content
        (sheet,) = load_workbook(io.BytesIO(xlsx)).worksheets
        cell = sheet["I2"]
        assert Decimal(str(cell.value)) == Decimal(total)
        decimals = len(price.partition(".")[2])
        assert cell.number_format == ("#,##0." + "0" * decimals if decimals else "#,##0")


@pytest.mark.parametrize(("currency", "price", "sentence"), TOO_FINE)
async def test_a_price_with_more_decimals_than_the_currency_is_refused(
    database_url: str, db: psycopg.Connection, currency: str, price: str, sentence: str
) -> None:
    async with in_process(database_url, CURRENCY=currency) as client:
        admin = Api(client, db).admin()
        event = (await admin.post("/api/events", new_event(price="7"))).json()
        for response in (
            await admin.post("/api/events", new_event(price=price)),
            await admin.put(f"/api/events/{event['id']}", edited_event(event, price=price)),
        ):
            assert response.status_code == 422
            assert response.json()["errors"] == [
                {"in": "body", "pointer": "/price", "detail": sentence}
            ]
    assert value(db, "SELECT array_agg(DISTINCT price) FROM events") == [Decimal(7)]


async def test_decimals_that_are_zero_do_no_harm(database_url: str, db: psycopg.Connection) -> None:
    """A client of an earlier release writes "2500.00" and expects "5000.00"."""
    async with in_process(database_url, CURRENCY="JPY") as client:
        api = Api(client, db)
        event = (await api.admin().post("/api/events", new_event(price="2500.00"))).json()
        assert event["price"] == "2500"
        body = {"event_id": event["id"], "quantity": 2, "expected_total_amount": "5000.00"}
        booked = await api.customer().post("/api/bookings", body)
        assert (booked.status_code, booked.json()["total_amount"]) == (201, "5000")


async def test_an_amount_that_was_stored_with_more_decimals_is_not_rounded(
    database_url: str, db: psycopg.Connection
) -> None:
    async with in_process(database_url, CURRENCY="JPY") as client:
        api = Api(client, db)
        event = add_event(db, price="2500.50")
        booking = await api.customer().book(event, 3)
        assert (booking["unit_price"], booking["total_amount"]) == ("2500.5", "7501.5")


@pytest.mark.parametrize(("currency", "typed", "price", "total"), CURRENCIES)
async def test_a_changed_price_is_told_with_the_decimals_of_the_currency(
    database_url: str, db: psycopg.Connection, currency: str, typed: str, price: str, total: str
) -> None:
    async with in_process(database_url, CURRENCY=currency) as client:
        api = Api(client, db)
        event = add_event(db, price=typed)
        body = {"event_id": event, "quantity": 3, "expected_total_amount": "1"}
        response = await api.customer().post("/api/bookings", body)
        assert response.status_code == 409
        told = response.json()
        assert (told["total_amount"], told["detail"]) == (total, f"The total is {total} now.")


@pytest.mark.parametrize(
    ("currency", "decimals"),
    (("JPY", 0), ("KRW", 0), ("ISK", 0), ("EUR", 2), ("USD", 2), ("KWD", 3), ("TND", 3)),
)
async def test_clients_learn_how_many_decimals_an_amount_has(
    database_url: str, db: psycopg.Connection, currency: str, decimals: int
) -> None:
    async with in_process(database_url, CURRENCY=currency) as client:
        config = await Api(client, db).anonymous.read("/api/config")
    assert (config["currency"], config["currency_decimals"]) == (currency, decimals)


@pytest.mark.parametrize(
    ("currency", "sentence"),
    (
        ("EUO", "CURRENCY: It must be the code of a currency (ISO 4217), like EUR."),
        (
            "CLF",
            "CURRENCY: Amounts in CLF have 4 decimals, and prices are kept with at most 3.",
        ),
    ),
)
def test_a_currency_that_cannot_be_kept_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, currency: str, sentence: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@b/c")
    monkeypatch.setenv("CURRENCY", currency)
    with pytest.raises(SystemExit) as ended:
        Settings.load()
    assert ended.value.code == sentence


async def test_prices_end_at_the_highest(database_url: str, db: psycopg.Connection) -> None:
    async with in_process(database_url, CURRENCY="KWD") as client:
        admin = Api(client, db).admin()
        highest = await admin.post("/api/events", new_event(price="99999999.99"))
        assert highest.json()["price"] == "99999999.990"
        above = await admin.post("/api/events", new_event(price="99999999.991"))
        assert above.json()["errors"][0]["detail"] == "must be at most 99999999.99"
