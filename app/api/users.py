"""Users: signing up, and the admin's side of them."""

from typing import Annotated

import asyncpg
from pydantic import Field, TypeAdapter

from app.http.endpoints import endpoint
from app.http.fields import CustomerSearch, Id, Input, Line, Password, Phone
from app.http.identity import Role, SignedIn, User
from app.http.paging import Page, PageQuery, cut_page, read_cursor
from app.http.problems import FieldError, Problem
from app.http.services import Application


class UserPage(Page[User]):
    """One page of users."""


class UserQuery(PageQuery):
    """Which users."""

    search: CustomerSearch | None = None


class NewUser(Input):
    """Somebody who signs up, or whom an admin creates."""

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
        Password | None, Field(description="A new one; it ends the user's sessions.")
    ] = None


_BY_ID = TypeAdapter(tuple[Id])


@endpoint("GET", "/users")
async def list_users(app: Application, admin: SignedIn, query: UserQuery) -> UserPage:
    """List users, newest first."""
    keys = read_cursor(query.cursor, _BY_ID, 1)
    async with app.searching(query.search):
        rows = await app.database.rows("search_users", query.search, *keys, query.limit + 1)
    page, next_cursor = cut_page(rows, query.limit, lambda row: (row["id"],))
    return UserPage(items=[_user(row) for row in page], next_cursor=next_cursor)


@endpoint("POST", "/users", status=201, problems=("not-allowed", "phone-taken"))
async def create_user(app: Application, viewer: SignedIn | None, body: NewUser) -> User:
    """Sign up as a customer (this does not sign in); admins create any user."""
    if viewer is not None and viewer.is_admin:
        hashed = await app.passwords.hash(body.password) if body.password else None
        fields = body.model_dump(include={"name", "phone", "role"}) | {"password_hash": hashed}
        return _user(await app.database.one("create_user", fields, viewer.id))
    if body.role != "customer":
        raise Problem("not-allowed", "Only admins may create admins.")
    if body.password is None:
        missing = FieldError("body", "/password", "Field required")
        raise Problem("validation", "Look at: password.", errors=[missing])
    hashed = await app.passwords.hash_for_sign_up(body.password)
    return _user(await app.database.one("sign_up", body.name, body.phone, hashed))


@endpoint("PUT", "/users/{id}", problems=("user-not-found",))
async def update_user(
    app: Application,
    admin: SignedIn,
    id: Id,
    body: EditedUser,
) -> User:
    """Change a user's name and, if one is given, the password."""
    hashed = await app.passwords.hash(body.password) if body.password else None
    return _user(await app.database.one("update_user", id, body.name, hashed, admin.id))


def _user(row: asyncpg.Record) -> User:
    return User.model_validate(dict(row))
