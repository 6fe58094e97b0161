"""What admins do with accounts: disable them, change the role, end the sessions."""

from pydantic import Field

from app.api.shapes import UserAccount
from app.http.endpoints import endpoint
from app.http.fields import Id, Input
from app.http.identity import Role, SignedIn, Who
from app.http.inputs import Body
from app.http.services import Services


class DisabledState(Input):
    """Whether an account is disabled."""

    disabled: bool = Field(description="true: its user cannot sign in.")


class NewRole(Input):
    """The role that a user is to have."""

    role: Role


@endpoint(
    "PUT",
    "/users/{id}/disabled",
    who=Who.ADMIN,
    confirmed=True,
    problems=("user-not-found", "last-admin"),
)
async def set_user_disabled(
    services: Services, caller: SignedIn, id: Id, body: Body[DisabledState]
) -> UserAccount:
    """Disable an account, which ends its sessions, or enable it again.

    Bookings and tickets stay as they are.
    """
    row = await services.database.one(
        "set_user_disabled", user_id=id, disabled=body.disabled, actor_id=caller.id
    )
    return UserAccount.model_validate(dict(row))


@endpoint(
    "PUT",
    "/users/{id}/role",
    who=Who.ADMIN,
    confirmed=True,
    problems=("user-not-found", "last-admin"),
)
async def set_user_role(
    services: Services, caller: SignedIn, id: Id, body: Body[NewRole]
) -> UserAccount:
    """Make a user an admin or a customer. A new role ends the user's sessions."""
    row = await services.database.one(
        "set_user_role", user_id=id, role=body.role, actor_id=caller.id
    )
    return UserAccount.model_validate(dict(row))


@endpoint(
    "DELETE",
    "/users/{id}/sessions",
    who=Who.ADMIN,
    confirmed=True,
    status=204,
    problems=("user-not-found",),
)
async def end_user_sessions(services: Services, caller: SignedIn, id: Id) -> None:
    """Sign a user out everywhere."""
    await services.database.value("end_user_sessions", user_id=id, actor_id=caller.id)
