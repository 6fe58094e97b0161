"""The account of the person who is signed in: phone, mail address, and which mails are wanted."""

from pydantic import Field
from starlette.requests import Request

from app.api.own_password import OwnPassword, confirm_password, require_confirmation
from app.api.phone_codes import PhoneCodeSent, send_code
from app.http import security_events
from app.http.endpoints import Reply, endpoint
from app.http.fields import Email, Id, Input, Line, NewPhone, Output
from app.http.hosts import address_of
from app.http.identity import SignedIn, Who
from app.http.inputs import Body
from app.http.problems import Problem
from app.http.services import Services


class Account(Output):
    """The account of the caller."""

    id: Id
    name: str
    phone: str = Field(description="E.164", examples=["+4915255123450"])
    email: str | None = Field(description="null: there is none.", examples=["ana@example.org"])
    email_verified: bool = Field(
        description="Whether the link in the first mail was opened. Until then there are no others."
    )
    optional_mail: bool = Field(
        description="Whether mail may bring reminders and messages of organisers."
    )
    has_password: bool = Field(description="Whether a new mail address needs the password.")
    phone_verified: bool = Field(
        description="Whether somebody has shown that the phone is theirs, by a code or to an admin."
    )
    phone_lost: bool = Field(
        description="Whether somebody else has shown since that the phone is theirs. It no longer"
        " signs in."
    )
    sends_phone_codes: bool = Field(description="Whether codes can be sent to phones.")


class NewName(Input):
    """What the caller wants to be called."""

    name: Line


class NewEmail(Input):
    """A mail address, and the password that the caller has now."""

    email: Email
    password: OwnPassword = None


class ChangedPhone(Input):
    """A phone, and the password that the caller has now."""

    phone: NewPhone
    password: OwnPassword = None


class MailWishes(Input):
    """Which mails the caller wants."""

    optional_mail: bool = Field(
        description="Whether mail may bring reminders and messages of organisers."
    )


@endpoint("GET", "/account", who=Who.SIGNED_IN)
async def get_account(services: Services, caller: SignedIn) -> Account:
    """Return the caller's account."""
    return await _account(services, caller)


@endpoint("PUT", "/account/name", who=Who.SIGNED_IN)
async def set_name(services: Services, caller: SignedIn, body: Body[NewName]) -> Account:
    """Change the caller's name."""
    await services.database.row("change_own_name", user_id=caller.id, name=body.name)
    return await _account(services, caller)


@endpoint(
    "PUT",
    "/account/email",
    who=Who.SIGNED_IN,
    problems=("no-mail", "password-wrong", "too-many-attempts", "confirmation-required"),
)
async def set_email(
    services: Services, request: Request, caller: SignedIn, body: Body[NewEmail]
) -> Account:
    """Change the caller's mail address, and have a link sent there that verifies it.

    Without a password in the body, it must have been given within 15 minutes. Wrong passwords count
    as failed sign-ins.
    """
    if not services.settings.sends_mail:
        raise Problem("no-mail")
    await require_confirmation(services, request, caller, body.password)
    await services.database.row("set_email", user_id=caller.id, address=body.email)
    security_events.record(request, "email-changed")
    return await _account(services, caller)


@endpoint("DELETE", "/account/email", who=Who.SIGNED_IN, confirmed=True, status=204)
async def delete_email(services: Services, request: Request, caller: SignedIn) -> None:
    """Remove the caller's mail address. No mail is sent to it afterwards."""
    await services.database.row("set_email", user_id=caller.id, address=None)
    security_events.record(request, "email-changed")


@endpoint(
    "POST",
    "/account/email/verifications",
    who=Who.SIGNED_IN,
    status=204,
    problems=("no-mail", "too-many-attempts"),
)
async def send_verification(services: Services, caller: SignedIn) -> None:
    """Send the link that verifies the caller's mail address again, unless it is verified."""
    if not services.settings.sends_mail:
        raise Problem("no-mail")
    await services.database.row("send_verification", user_id=caller.id)


@endpoint("PUT", "/account/mail", who=Who.SIGNED_IN)
async def set_mail_wishes(services: Services, caller: SignedIn, body: Body[MailWishes]) -> Account:
    """Say which mails the caller wants. Those about bookings and the account always come."""
    await services.database.row(
        "set_optional_mail", user_id=caller.id, optional_mail=body.optional_mail
    )
    return await _account(services, caller)


@endpoint(
    "PUT",
    "/account/phone",
    who=Who.SIGNED_IN,
    other_outputs={202: PhoneCodeSent},
    problems=("password-wrong", "phone-taken", "too-many-attempts"),
)
async def change_phone(
    services: Services, request: Request, caller: SignedIn, body: Body[ChangedPhone]
) -> Account | Reply[PhoneCodeSent]:
    """Change the caller's phone.

    Where codes can be sent, the answer is 202, whether or not another account has the phone: it
    becomes the caller's by POST /api/phone-verifications with the code. Elsewhere it is changed at
    once, and is not verified. Wrong passwords count as failed sign-ins.
    """
    if (await _account(services, caller)).has_password:
        await confirm_password(services, request, caller, body.password)
    if (sent := await send_code(services, request, body.phone, user_id=caller.id)) is not None:
        return Reply(sent, 202)
    address = address_of(request)
    async with services.turn_to_sign_up(address):
        # The answer says whether another account has the phone: it has the limit of signing up.
        await services.database.value("begin_sign_up", address=address)
    await services.database.row("change_own_phone", user_id=caller.id, phone=body.phone)
    return await _account(services, caller)


@endpoint(
    "POST",
    "/account/phone/codes",
    who=Who.SIGNED_IN,
    status=202,
    problems=("no-phone-codes", "too-many-attempts"),
)
async def send_phone_code(services: Services, request: Request, caller: SignedIn) -> PhoneCodeSent:
    """Send a code to the caller's phone, to show that it is theirs."""
    sent = await send_code(services, request, caller.phone, user_id=caller.id)
    if sent is None:
        raise Problem("no-phone-codes")
    return sent


async def _account(services: Services, caller: SignedIn) -> Account:
    row = await services.database.one("get_account", user_id=caller.id)
    return Account.model_validate(dict(row))
