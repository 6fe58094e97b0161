"""The beginning of every way to show whose an account is without a session."""

import asyncpg
from starlette.requests import Request

from app.api.known_devices import device_hash
from app.http import security_events
from app.http.hosts import address_of
from app.http.services import Services


async def begin_sign_in(services: Services, request: Request, account: str) -> asyncpg.Record:
    """Count an attempt as failed until it succeeds, and return it with the user of the account.

    `account` is a phone or a mail address. Raises Problem after too many failures.
    """
    address = address_of(request)
    security_events.about(request, account=account, attempt="sign-in")
    async with services.turn_to_sign_in(address):
        attempt = await services.database.one(
            "begin_sign_in",
            account=account,
            address=address,
            device_hash=device_hash(request, services.settings),
        )
    security_events.about(request, of_user_id=attempt["user_id"])
    return attempt
