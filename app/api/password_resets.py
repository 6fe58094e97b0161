"""A new password for somebody who has forgotten theirs, by a link in a mail."""

from starlette.requests import Request

from app.http import security_events
from app.http.endpoints import endpoint
from app.http.fields import Input, LinkToken, Password, PhoneOrEmail
from app.http.hosts import address_of
from app.http.identity import Who, token_hash
from app.http.inputs import Body
from app.http.problems import Problem
from app.http.services import Services


class PasswordResetRequest(Input):
    """Whose password is forgotten."""

    account: PhoneOrEmail


class PasswordReset(Input):
    """The secret in the link of a mail, and the new password."""

    token: LinkToken
    password: Password


@endpoint(
    "POST",
    "/password-resets",
    who=Who.ANYONE,
    status=204,
    problems=("no-mail", "too-many-attempts"),
)
async def request_password_reset(
    services: Services, request: Request, body: Body[PasswordResetRequest]
) -> None:
    """Send a link for a new password to the verified mail address of an account.

    The answer is the same whether or not there is such an account.
    """
    if not services.settings.sends_mail:
        raise Problem("no-mail")
    address = address_of(request)
    security_events.about(request, account=body.account, attempt="password-reset")
    async with services.turn_to_sign_in(address):
        await services.database.row("request_password_reset", account=body.account, address=address)
    security_events.record(request, "password-reset-asked")


@endpoint("PUT", "/password-resets", who=Who.ANYONE, status=204, problems=("link-not-valid",))
async def reset_password(services: Services, request: Request, body: Body[PasswordReset]) -> None:
    """Set the password of the account that a link was mailed to, and end all of its sessions.

    A link is valid once, for 15 minutes.
    """
    hashed = await services.passwords.hash_for_anyone(body.password)
    is_done = await services.database.value(
        "reset_password", token_hash=token_hash(body.token), password_hash=hashed
    )
    if not is_done:
        raise Problem("link-not-valid")
    security_events.record(request, "password-changed")
