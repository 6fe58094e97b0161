"""Users: signing up, and what admins do with users."""

from typing import Annotated

import asyncpg
from pydantic import Field

from app.http.endpoints import endpoint
from app.http.fields import CustomerSearch, Id, Input, Line, Password, Phone
from app.http.identity import Role, SignedIn, User, Who
from app.http.inputs import Body, Query
from app.http.paging import Page, PageQuery, SortKeys
from app.http.problems import FieldError, Problem
from app.http.services import Services


class UserPage(Page[User]):
    """One page of users."""


class UserQuery(PageQuery):
    """Which users."""

    search: CustomerSearch | None = None


class NewUser(Input):
    """A user who signs up, or whom an admin creates."""

    name: Line
    phone: Phone
    password: Annotated[
        Password | None,
        Field(description="Required to sign up; an admin may leave it out."),
    ] = None
    role: Role = "customer"


class EditedUser(Input):
    """What an admin may change about a user."""

    name: Line
    password: Annotated[
        Password | None, Field(description="A new password. It ends the user's sessions.")
    ] = None


_NEWEST_FIRST = SortKeys(id=Id)


@endpoint("GET", "/users", who=Who.ADMIN)
async def list_users(services: Services, query: Query[UserQuery]) -> UserPage:
    """List users, newest first."""
    parameters = _NEWEST_FIRST.parameters(query)
    async with services.place_to_search(query.search):
        rows = await services.database.rows("search_users", search=query.search, **parameters)
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    return UserPage(items=[_user(row) for row in page], next_cursor=next_cursor)


@endpoint("POST", "/users", who=Who.ANYONE, status=201, problems=("not-allowed", "phone-taken"))
async def create_user(services: Services, caller: SignedIn | None, body: Body[NewUser]) -> User:
    """Sign up as a customer (this does not sign in); admins create any user."""
    if caller is not None and caller.is_admin:
        hashed = await services.passwords.hash(body.password) if body.password else None
        fields = body.model_dump(include={"name", "phone", "role"}) | {"password_hash": hashed}
        return _user(await services.database.one("create_user", fields=fields, actor_id=caller.id))
    if body.role != "customer":
        raise Problem("not-allowed", "Only admins may create admins.")
    if body.password is None:
        missing = FieldError("body", "/password", "Field required")
        raise Problem("validation", "Check: password.", errors=[missing])
    hashed = await services.passwords.hash_for_sign_up(body.password)
    return _user(
        await services.database.one(
            "sign_up", name=body.name, phone=body.phone, password_hash=hashed
        )
    )


@endpoint("PUT", "/users/{id}", who=Who.ADMIN, problems=("user-not-found",))
async def update_user(
    services: Services,
    caller: SignedIn,
    id: Id,
    body: Body[EditedUser],
) -> User:
    """Change a user's name and, if one is given, the password."""
    hashed = await services.passwords.hash(body.password) if body.password else None
    return _user(
        await services.database.one(
            "update_user", user_id=id, name=body.name, password_hash=hashed, actor_id=caller.id
        )
    )


def _user(row: asyncpg.Record) -> User:
    return User.model_validate(dict(row))
