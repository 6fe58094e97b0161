"""Users: signing up, and what admins do with users."""

from typing import Annotated, Literal

import asyncpg
from pydantic import AfterValidator, Field
from starlette.requests import Request

from app.api.phone_codes import PhoneCodeSent, send_code
from app.api.shapes import UserAccount
from app.http import security_events
from app.http.endpoints import Reply, endpoint
from app.http.fields import (
    CustomerSearch,
    Id,
    Input,
    Line,
    NewPhone,
    Password,
    without_own_data,
)
from app.http.hosts import address_of
from app.http.identity import Role, SignedIn, Who
from app.http.inputs import Body, Query
from app.http.paging import Page, PageQuery, SortKeys
from app.http.problems import FieldError, Problem
from app.http.services import Services


class UserPage(Page[UserAccount]):
    """One page of users."""


class UserQuery(PageQuery):
    """Which users."""

    search: CustomerSearch | None = None
    only: Literal["admins", "disabled"] | None = Field(
        None, description="Only the admins, or only those whose account is disabled."
    )


class NewUser(Input):
    """A user who signs up, or whom an admin creates."""

    name: Line
    phone: NewPhone
    password: Annotated[
        Password | None,
        AfterValidator(without_own_data),
        Field(description="Required to sign up; an admin may leave it out."),
    ] = None
    role: Role = "customer"
    take_over: bool = Field(
        default=False,
        description="For admins who have seen that the phone is this user's: take it from the"
        " account that has it. Ignored when somebody signs up.",
    )


class UserPhone(Input):
    """The phone that an admin gives a user."""

    phone: NewPhone
    verified: bool = Field(
        description="Whether the admin has seen that it is theirs: in a document, or by a call."
    )
    take_over: bool = Field(
        default=False,
        description="Take it from the account that has it now. That account keeps its bookings, and"
        " can no longer sign in with the phone.",
    )


class EditedUser(Input):
    """What an admin may change about a user. A password is chosen by its user."""

    name: Line


_NEWEST_FIRST = SortKeys(id=Id)
_SEARCHES = {
    None: "search_users",
    "admins": "search_admins",
    "disabled": "search_disabled_users",
}


@endpoint("GET", "/users", who=Who.ADMIN)
async def list_users(services: Services, query: Query[UserQuery]) -> UserPage:
    """List users, newest first."""
    parameters = _NEWEST_FIRST.parameters(query)
    async with services.place_to_search(query.search):
        rows = await services.database.rows(
            _SEARCHES[query.only], search=query.search, **parameters
        )
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    items = [UserAccount.model_validate(dict(row)) for row in page]
    return UserPage(items=items, next_cursor=next_cursor)


@endpoint(
    "POST",
    "/users",
    who=Who.ANYONE,
    status=201,
    other_outputs={202: PhoneCodeSent},
    problems=(
        "not-allowed",
        "phone-taken",
        "too-many-attempts",
        "confirmation-required",
        "last-admin",
    ),
)
async def create_user(
    services: Services, request: Request, caller: SignedIn | None, body: Body[NewUser]
) -> UserAccount | Reply[PhoneCodeSent]:
    """Sign up as a customer (this does not sign in); admins create any user.

    Where codes can be sent to phones, signing up is always answered 202, whether or not the phone
    has an account: the account is made by POST /api/phone-verifications with the code.
    """
    if caller is not None and caller.is_admin:
        if body.role == "admin":
            caller.require_confirmation()
        hashed = await services.passwords.hash(body.password) if body.password else None
        given = {"name", "phone", "role", "take_over"}
        fields = body.model_dump(include=given) | {"password_hash": hashed}
        return _user(await services.database.one("create_user", fields=fields, actor_id=caller.id))
    if body.role != "customer":
        raise Problem("not-allowed", "Only admins may create admins.")
    if body.password is None:
        missing = FieldError("body", "/password", "Field required")
        raise Problem("validation", "Check: password.", errors=[missing])
    address = address_of(request)
    security_events.about(request, account=body.phone, attempt="sign-up")
    async with services.turn_to_sign_up(address):
        await services.database.value("begin_sign_up", address=address)
    hashed = await services.passwords.hash_for_anyone(body.password)
    sent = await send_code(services, request, body.phone, name=body.name, password_hash=hashed)
    if sent is not None:
        security_events.record(request, "sign-up")
        return Reply(sent, 202)
    user = await services.database.one(
        "sign_up", name=body.name, phone=body.phone, password_hash=hashed
    )
    security_events.about(request, user_id=user["id"])
    security_events.record(request, "sign-up")
    return _user(user)


@endpoint("PUT", "/users/{id}", who=Who.ADMIN, problems=("user-not-found", "user-erased"))
async def update_user(
    services: Services, caller: SignedIn, id: Id, body: Body[EditedUser]
) -> UserAccount:
    """Change a user's name."""
    return _user(
        await services.database.one("update_user", user_id=id, name=body.name, actor_id=caller.id)
    )


@endpoint(
    "PUT",
    "/users/{id}/phone",
    who=Who.ADMIN,
    problems=("phone-taken", "user-not-found", "last-admin"),
)
async def set_user_phone(
    services: Services, caller: SignedIn, id: Id, body: Body[UserPhone]
) -> UserAccount:
    """Give a user a phone, or say that the one they have is theirs."""
    return _user(
        await services.database.one(
            "set_user_phone", user_id=id, **body.model_dump(), actor_id=caller.id
        )
    )


def _user(row: asyncpg.Record) -> UserAccount:
    return UserAccount.model_validate(dict(row))
