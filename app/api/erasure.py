"""Erasing a user: the caller, or anybody for an admin. sql/functions/erase_user.sql does it."""

from starlette.requests import Request

from app.api.own_password import OwnPassword, require_confirmation
from app.http.endpoints import endpoint
from app.http.fields import Id, Input
from app.http.identity import SignedIn, User, Who
from app.http.inputs import Body
from app.http.services import Services


class Erasure(Input):
    """The caller's own password, because nobody can undo an erasure."""

    password: OwnPassword = None


@endpoint(
    "POST",
    "/account/erasure",
    who=Who.SIGNED_IN,
    status=204,
    problems=(
        "upcoming-bookings",
        "last-admin",
        "password-wrong",
        "too-many-attempts",
        "confirmation-required",
    ),
)
async def erase_account(
    services: Services, request: Request, caller: SignedIn, body: Body[Erasure]
) -> None:
    """Erase the caller's personal data, for ever, and end all sessions.

    Past bookings stay without the person. Refused while the caller has bookings to come. Wrong
    passwords count as failed sign-ins.
    """
    await require_confirmation(services, request, caller, body.password)
    await services.database.one("erase_user", user_id=caller.id, actor_id=caller.id)


@endpoint(
    "POST",
    "/users/{id}/erasure",
    who=Who.ADMIN,
    problems=(
        "user-not-found",
        "upcoming-bookings",
        "last-admin",
        "password-wrong",
        "too-many-attempts",
        "confirmation-required",
    ),
)
async def erase_user(
    services: Services, request: Request, caller: SignedIn, id: Id, body: Body[Erasure]
) -> User:
    """Erase a user's personal data, for ever, with the password of the admin who does it.

    A user who is erased already stays so.
    """
    await require_confirmation(services, request, caller, body.password)
    row = await services.database.one("erase_user", user_id=id, actor_id=caller.id)
    return User.model_validate(dict(row))
