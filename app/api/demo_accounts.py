"""The accounts of the demo. Their passwords are public and work nowhere else."""

import json
from functools import cache
from typing import Literal

import structlog

from app.data.passwords import Verdict, normalised
from app.http.fields import Output
from app.http.services import Services
from app.paths import SEEDS

log = structlog.get_logger("marquee")


class DemoAccount(Output):
    """An account with which a visitor of the demo may sign in."""

    name: str
    phone: str
    password: str
    role: Literal["customer", "admin"]


@cache
def accounts() -> list[DemoAccount]:
    """Return the accounts of the demo season."""
    listed = json.loads((SEEDS / "accounts.json").read_text(encoding="utf-8"))
    return [DemoAccount.model_validate(account) for account in listed]


def is_public(phone: str | None, password: str) -> bool:
    """Say whether this phone and password are public in the repository."""
    return any(
        (account.phone, account.password) == (phone, normalised(password)) for account in accounts()
    )


async def warn_of_public_passwords(services: Services) -> None:
    """Say in the log which accounts of the demo are in the database with their public passwords.

    A dump of the demo may have been restored. Verifying a password takes some 20 ms of a thread;
    where no account of the demo is in the database there is nothing to verify.
    """
    by_phone = {account.phone: account.password for account in accounts()}
    rows = await services.database.rows("find_password_hashes", phones=list(by_phone))
    found = [
        row["id"]
        for row in rows
        if await services.passwords.verify(row["password_hash"], by_phone[row["phone"]])
        is not Verdict.WRONG
    ]
    if found:
        log.warning(
            "demo accounts have their public passwords",
            user_ids=found,
            advice="Nobody can sign in with these. Give the accounts other passwords, or set DEMO=1"
            " if this is a demo.",
        )
