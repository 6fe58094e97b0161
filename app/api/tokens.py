"""API tokens for programs and door passes for phones: what an admin makes and revokes.

Closed to tokens themselves: a program cannot give itself more, and outlives nobody's decision.
"""

import secrets
from datetime import date
from typing import Annotated, Self

import asyncpg
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from app.http.endpoints import endpoint
from app.http.fields import MAX_ID, Id, Input, Line, Output, TimeOutput
from app.http.identity import SignedIn, Who, token_hash
from app.http.inputs import Body, Query
from app.http.paging import Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.scopes import Scope
from app.http.services import Services
from app.http.time_fields import MomentInput
from app.http.tokens import PASS_PREFIX, TOKEN_PREFIX


def _once_each(scopes: list[Scope]) -> list[Scope]:
    if len(set(scopes)) < len(scopes):
        raise ValueError("must name each scope once")
    return scopes


class NewToken(Input):
    """A token that an admin makes for a program."""

    name: Annotated[Line, Field(description="What people call it.", examples=["Till"])]
    scopes: Annotated[list[Scope], Field(min_length=1), AfterValidator(_once_each)]
    event_id: Annotated[
        int | None, Field(ge=1, le=MAX_ID, description="The only event it is for; null: all.")
    ] = None
    expires_at: Annotated[MomentInput, Field(description="Within 366 days.")]

    @field_validator("event_id")
    @classmethod
    def _webhooks_of_all_events(cls, event_id: int | None, info: ValidationInfo) -> int | None:
        if event_id is not None and "webhooks" in info.data.get("scopes", ()):
            raise ValueError("must be null: webhooks are managed for all events")
        return event_id


class NewPass(Input):
    """A pass that an admin makes for the door of an event."""

    name: Annotated[Line, Field(description="Who gets it.", examples=["Main entrance"])]


class Token(Output):
    """An API token or a door pass, without its secret."""

    id: Id
    name: str
    scopes: list[Scope]
    is_pass: bool = Field(description="Whether it is a door pass.")
    event_id: Id | None = Field(description="The only event it is for; null: all events.")
    event_title: str | None
    user_id: Id = Field(description="The admin who made it, and for whom it acts.")
    user_name: str
    created_at: TimeOutput
    expires_at: TimeOutput
    revoked_at: TimeOutput | None = Field(description="null: it is not revoked.")
    last_used_on: date | None = Field(description="The last day (UTC) of a use; null: never.")
    usable: bool = Field(
        description="Whether it may be used now: false as well when its admin is none any longer."
    )


class TokenPage(Page[Token]):
    """One page of tokens and passes."""


class TokenWithSecret(Token):
    """A token with its secret, which no other answer shows."""

    secret: str = Field(examples=["mqt_s6Bhm7k0VdY3r1tXl5QjU2nPzOaCwEiGfHvKxNyMu8T"])

    @classmethod
    def of(cls, row: asyncpg.Record, secret: str) -> Self:
        """Return the new token of a row."""
        return cls.model_validate({**row, "secret": secret})


class TokenQuery(PageQuery):
    """Selects tokens and passes."""

    event_id: Annotated[int | None, Field(ge=1, le=MAX_ID, strict=False)] = None


_NEWEST_FIRST = SortKeys(id=Id)


@endpoint("GET", "/tokens", who=Who.ADMIN)
async def list_tokens(services: Services, query: Query[TokenQuery]) -> TokenPage:
    """List API tokens and door passes, the newest first; those for one event with event_id."""
    parameters = _NEWEST_FIRST.parameters(query)
    if query.event_id is None:
        rows = await services.database.rows("list_tokens", **parameters)
    else:
        rows = await services.database.rows(
            "list_event_tokens", event_id=query.event_id, **parameters
        )
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    items = [Token.model_validate(dict(row)) for row in page]
    return TokenPage(items=items, next_cursor=next_cursor)


@endpoint("POST", "/tokens", who=Who.ADMIN, confirmed=True, status=201)
async def create_token(
    services: Services, caller: SignedIn, body: Body[NewToken]
) -> TokenWithSecret:
    """Make an API token that acts for the caller. Its secret is in this answer only."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = await services.database.one(
        "create_token",
        token_hash=token_hash(secret),
        name=body.name,
        scopes=body.scopes,
        event_id=body.event_id,
        expires_at=body.expires_at,
        actor_id=caller.id,
    )
    return TokenWithSecret.of(row, secret)


@endpoint(
    "POST",
    "/events/{id}/passes",
    who=Who.ADMIN,
    status=201,
    problems=("event-not-found", "door-closed"),
)
async def create_door_pass(
    services: Services, caller: SignedIn, id: Id, body: Body[NewPass]
) -> TokenWithSecret:
    """Make a pass for the door of an event. It ends 12 hours after the start of the event.

    Its secret is in this answer only. A phone that opens `/door#<secret>` checks tickets in.
    """
    secret = PASS_PREFIX + secrets.token_urlsafe(32)
    row = await services.database.row(
        "create_door_pass",
        token_hash=token_hash(secret),
        event_id=id,
        name=body.name,
        actor_id=caller.id,
    )
    if row is None:
        raise Problem("door-closed")
    return TokenWithSecret.of(row, secret)


@endpoint("DELETE", "/tokens/{id}", who=Who.ADMIN, status=204, problems=("token-not-found",))
async def revoke_token(services: Services, caller: SignedIn, id: Id) -> None:
    """Revoke an API token or a door pass, and end the sessions of its phones.

    It stays in the list. Revoking it again changes nothing.
    """
    if await services.database.value("revoke_token", token_id=id, actor_id=caller.id) is None:
        raise Problem("token-not-found")
