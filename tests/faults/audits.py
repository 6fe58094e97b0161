"""The question after every fault: was each promise kept?"""

import asyncio
import random
import time

from tests.faults.api import Api
from tests.faults.client import Answer, Client
from tests.faults.ledger import Ledger, Wish, audit
from tests.faults.shop import Shop
from tests.support.locks import WAIT_SECONDS

ASKED_AGAIN = 200
RETRY_SECONDS = 0.2


async def assert_kept(shop: Shop, api: Api, ledger: Ledger) -> None:
    """Fail unless each answered booking exists once, with its codes, and its key finds it."""
    with shop.database() as db:
        result = audit(db, ledger)
    assert result.is_clean(), result
    assert result.confirmed > 0
    some = list(ledger.confirmed)
    await assert_keys_find_bookings(
        shop, api, ledger, random.sample(some, min(ASKED_AGAIN, len(some)))
    )


async def assert_keys_find_bookings(
    shop: Shop, api: Api, ledger: Ledger, wishes: list[Wish]
) -> None:
    """Repeat wishes that were confirmed: each answer must be the booking that was made."""
    tokens = {person.id: person.token for person in shop.customers}
    for wish in wishes:
        promised = ledger.confirmed[wish]
        async with Client(api.port, tokens[wish.user_id]) as client:
            answer = await _repeat(client, wish)
        assert answer.status == 201, answer
        assert answer.headers.get("idempotent-replayed") == "true"
        assert answer.content["id"] == promised.booking_id
        assert {ticket["ticket_code"] for ticket in answer.content["tickets"]} == promised.codes


async def _repeat(client: Client, wish: Wish) -> Answer:
    """Repeat a wish until it is not refused as busy: a worker may not know yet that all is well."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := await client.book(wish.event_id, wish.quantity, wish.key)).status == 503:
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(RETRY_SECONDS)
    return answer
