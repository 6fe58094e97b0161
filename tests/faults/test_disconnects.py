"""Clients that hang up: their booking stands or does not, their key tells; others are untouched."""

import asyncio

from tests.faults.api import Api
from tests.faults.audits import assert_kept
from tests.faults.client import Client
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger, Wish
from tests.faults.shop import Shop
from tests.support.locks import locked, row_of, until_waiting_for_locks


async def test_who_hangs_up_while_the_batch_runs_finds_the_booking_with_the_key(
    shop: Shop, api: Api, ledger: Ledger
) -> None:
    event_id = shop.small_events[0]
    leaving, staying = shop.customers[:8], shop.customers[8:16]
    wishes = {person.id: Wish(person.id, event_id, 1, "of-this-test") for person in leaving}

    async def stay(person_id: int, token: str) -> None:
        wish = Wish(person_id, event_id, 1, "of-this-test")
        async with Client(api.port, token) as client:
            # On a busy machine the lock may be held longer than the API waits for it.
            while wish not in ledger.confirmed:
                ledger.note(wish, await client.book(event_id, 1, wish.key))

    async with locked(shop.url, row_of(event_id)):
        patient = [asyncio.create_task(stay(person.id, person.token)) for person in staying]
        for person in leaving:
            async with Client(api.port, person.token) as client:
                await client.book_and_hang_up(event_id, 1, wishes[person.id].key)
        await until_waiting_for_locks(shop.url)
    await asyncio.gather(*patient)

    assert len(ledger.confirmed) == len(staying)
    for person in leaving:
        async with Client(api.port, person.token) as client:
            ledger.note(wishes[person.id], await client.book(event_id, 1, "of-this-test"))
    assert len(ledger.confirmed) == len(staying) + len(leaving)
    await assert_kept(shop, api, ledger)


async def test_hanging_up_under_load_books_nothing_twice(
    shop: Shop, api: Api, ledger: Ledger
) -> None:
    quiet = Ledger()
    async with (
        Crowd(api.port, shop.customers[:16], shop.events, ledger, hanging_up=0.5) as crowd,
        Crowd(api.port, shop.customers[16:], [shop.big_event], quiet) as others,
    ):
        await crowd.until_more_confirmed(200)
        await others.until_more_confirmed(100)

    assert ledger.retried > 50, "hardly anybody hung up"
    assert quiet.statuses.keys() <= {200, 201}
    assert quiet.retried == 0, "somebody was cut off for another's sake"
    ledger.add(quiet)
    await assert_kept(shop, api, ledger)
