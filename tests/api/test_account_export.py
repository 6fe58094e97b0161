"""The export of everything that the database has about the caller."""

import asyncio
from typing import Any

from tests.support.application import Api
from tests.support.known_person import EMAIL, NAME, PHONE, add_known_person
from tests.support.locks import locked, until_waiting_for_locks
from tests.support.people import Person, add_session
from tests.support.rows import add_event

EXPORT = "/api/account/export"


async def exported(api: Api) -> Any:
    known = add_known_person(api.db)
    person = Person(known.id, NAME, PHONE, add_session(api.db, known.id))
    return await api.caller(person).get(EXPORT)


async def test_everything_is_exported_in_one_file_that_no_cache_keeps(api: Api) -> None:
    answer = await exported(api)

    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    disposition = answer.headers["content-disposition"]
    assert disposition == 'attachment; filename="marquee-my-data.json"'
    data = answer.json()
    assert (data["account"]["name"], data["account"]["email"]) == (NAME, EMAIL)
    assert data["currency"] == "EUR"
    # The fixture has a row for each of them.
    assert [name for name, listed in data.items() if not listed] == []
    assert {booking["total_amount"] for booking in data["bookings"]} == {"10.00", "20.00"}
    assert all(line["at"].endswith("Z") for line in data["log"])


async def test_the_export_of_a_new_account_is_nearly_empty(api: Api) -> None:
    ana = api.customer()

    data = await ana.read(EXPORT)

    assert data["account"]["phone"] == ana.person.phone
    filled = {name for name, listed in data.items() if listed}
    assert filled == {"account", "currency", "sessions"}


async def test_nobody_is_shown_what_is_about_others(api: Api) -> None:
    ana, ben = api.customer(), api.customer("Ben Winter")
    await ben.book(add_event(api.db))

    answer = await ana.get(EXPORT)

    assert "Ben" not in answer.text
    assert ben.person.phone not in answer.text


async def test_a_page_of_another_site_cannot_make_a_browser_save_it(api: Api) -> None:
    ana = api.customer()

    refused = await ana.get(EXPORT, headers={"Sec-Fetch-Site": "cross-site"})

    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/cross-site-request"


async def test_exports_leave_a_connection_for_other_long_work(api: Api, database_url: str) -> None:
    people = [api.customer() for _ in range(3)]
    async with locked(database_url, "LOCK TABLE calendars IN ACCESS EXCLUSIVE MODE") as holder:
        asked = [asyncio.ensure_future(person.get(EXPORT)) for person in people]
        await until_waiting_for_locks(database_url)
        waiting = await holder.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'marquee' AND wait_event_type = 'Lock'"
        )
        assert await waiting.fetchone() == (1,)
        await holder.rollback()
        assert {(await answer).status_code for answer in asked} == {200}
