"""The codes of a second factor: of an authenticator app (TOTP, RFC 6238), and recovery codes."""

import re
from datetime import UTC, datetime
from typing import Annotated

import pyotp
from pydantic import AfterValidator, Field, StringConstraints
from starlette.requests import Request

from app.api.known_devices import device_hash
from app.http import security_events
from app.http.hosts import address_of
from app.http.identity import SignedIn
from app.http.problems import Problem
from app.http.services import Services
from app.http.typed_codes import code_hash, new_code, typed_code

RECOVERY_CODES = 10
# 120 bits: the hash of a recovery code cannot be reversed.
RECOVERY_SYMBOLS = 24
# Clocks differ, and typing takes time: the half minutes before and after are taken as well.
STEPS_BESIDE = 1
_OF_APP = re.compile("[0-9]{6}")
_recovery_code = typed_code(RECOVERY_SYMBOLS)


def _read(text: str) -> str:
    digits = re.sub(r"[\s-]", "", text)
    if _OF_APP.fullmatch(digits):
        return digits
    try:
        return _recovery_code(text)
    except ValueError:
        raise ValueError("is a code of six digits, or a recovery code") from None


FactorCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(_read),
    Field(
        description="The six digits that the authenticator app shows, or a recovery code.",
        examples=["042317"],
    ),
]


def new_secret() -> str:
    """Return a random secret of 160 bits for an authenticator app, in base32."""
    return pyotp.random_base32(32)


def setup_address(secret: str, account: str) -> str:
    """Return what the QR code says that an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name="Marquee")


def new_recovery_codes() -> list[str]:
    """Return ten random recovery codes as people read them."""
    return [new_code(RECOVERY_SYMBOLS) for _ in range(RECOVERY_CODES)]


def current_time() -> datetime:
    """Return the time by which the codes of an app are computed."""
    return datetime.now(UTC)


def step_of(secret: str, code: str) -> int | None:
    """Return the half minute whose code this is, counted from 1970; None: of no recent one."""
    app = pyotp.TOTP(secret)
    now = app.timecode(current_time())
    steps = range(now - STEPS_BESIDE, now + STEPS_BESIDE + 1)
    found = [step for step in steps if pyotp.utils.strings_equal(code, app.generate_otp(step))]
    return found[-1] if found else None


async def give_second_factor(
    services: Services, request: Request, caller: SignedIn, code: str
) -> None:
    """Use a code up; raise Problem unless it is one of the caller's that was not used yet.

    Failures count as failed sign-ins.
    """
    address = address_of(request)
    security_events.about(request, account=caller.phone, attempt="sign-in")
    async with services.turn_to_sign_in(address):
        attempt = await services.database.one(
            "begin_second_factor",
            user_id=caller.id,
            address=address,
            device_hash=device_hash(request, services.settings),
        )
    secret = attempt["secret"]
    if secret is None:
        raise Problem("second-factor-off")
    of_app = _OF_APP.fullmatch(code) is not None
    step = step_of(secret, code) if of_app else None
    is_used_up = (step is not None or not of_app) and await services.database.value(
        "use_second_factor",
        attempt_id=attempt["attempt_id"],
        user_id=caller.id,
        step=step,
        code_hash=None if of_app else code_hash(code),
    )
    if not is_used_up:
        raise Problem("second-factor-wrong")
    if not of_app:
        security_events.record(request, "recovery-code-used")
