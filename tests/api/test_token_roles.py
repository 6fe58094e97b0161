"""Every call with each scope, with door passes, and with tokens that are no longer valid."""

from collections.abc import Callable

import psycopg
import pytest

from tests.api.role_cells import Cell, snapshot
from tests.api.test_roles import TABLE
from tests.api.token_calls import PUBLIC, TOKEN_CALLS, Call
from tests.support.application import Api, Caller
from tests.support.rows import add_event, add_started_event, in_days
from tests.support.tokens import SCOPES, add_pass, add_pass_session, add_token

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Webhooks are managed for all events.
OF_ONE_EVENT = [scope for scope in SCOPES if scope != "webhooks"]
ANONYMOUS, ADMIN = 0, 3

# Calls that anyone may make, and that show more to an admin.
OPEN_TO_ANYONE = {
    call
    for call in TOKEN_CALLS
    if call[1].startswith("/api/events?") or call[1] == "/api/events/{draft}"
}

Make = Callable[[Cell, psycopg.Connection], Caller]


def bearer(cell: Cell, db: psycopg.Connection, scopes: list[str], **columns: object) -> Caller:
    return cell.api.bearer(add_token(db, cell.admin.id, scopes, **columns))  # type: ignore[arg-type]


def phone(cell: Cell, db: psycopg.Connection, event: int, **columns: object) -> Caller:
    return cell.api.phone(add_pass_session(db, add_pass(db, cell.admin.id, event, **columns)))


ERASED = "name = 'Erased', role = 'customer', phone = NULL, password_hash = NULL, erased_at = now()"


def with_scope(scope: str) -> Make:
    return lambda cell, db: bearer(cell, db, [scope])


def after(change: str) -> Make:
    """Return what makes a token and changes its admin afterwards."""

    def make(cell: Cell, db: psycopg.Connection) -> Caller:
        caller = bearer(cell, db, list(SCOPES))
        db.execute(f"UPDATE users SET {change} WHERE id = %s", [cell.admin.id])
        return caller

    return make


def pass_after(change: str) -> Make:
    def make(cell: Cell, db: psycopg.Connection) -> Caller:
        caller = phone(cell, db, cell.event)
        db.execute(f"UPDATE users SET {change} WHERE id = %s", [cell.admin.id])
        return caller

    return make


CALLERS: dict[str, Make] = {
    **{f"a token with {scope}": with_scope(scope) for scope in SCOPES},
    "a token for this event": lambda cell, db: bearer(cell, db, OF_ONE_EVENT, event_id=cell.event),
    "a token for another event": lambda cell, db: bearer(
        cell, db, OF_ONE_EVENT, event_id=add_event(db)
    ),
    "a pass for this event": lambda cell, db: phone(cell, db, cell.event),
    "a pass for another event": lambda cell, db: phone(cell, db, add_event(db)),
}
# These are nobody. So they get what an anonymous client gets.
INVALID: dict[str, Make] = {
    "an unknown token": lambda cell, db: cell.api.bearer("mqt_unknown"),
    "an expired token": lambda cell, db: bearer(
        cell, db, list(SCOPES), created_at=in_days(-9), expires_at=in_days(-0.01)
    ),
    "a revoked token": lambda cell, db: bearer(cell, db, list(SCOPES), revoked_at=in_days(0)),
    "a token of a disabled admin": after("disabled_at = now()"),
    "a token of a demoted admin": after("role = 'customer'"),
    "a token of an erased admin": after(ERASED),
    "the secret of a pass as a token": lambda cell, db: cell.api.bearer(
        add_pass(db, cell.admin.id, cell.event)
    ),
    "a pass of an event that is over": lambda cell, db: phone(cell, db, add_started_event(db)),
    "a revoked pass": lambda cell, db: phone(cell, db, cell.event, revoked_at=in_days(0)),
    "a pass of a disabled admin": pass_after("disabled_at = now()"),
    "a pass of a demoted admin": pass_after("role = 'customer'"),
}


def expected(call: Call, who: str) -> int:
    """Return the status of the answer to a caller who is valid."""
    statuses = TABLE[call]
    opened = TOKEN_CALLS[call]
    if opened is PUBLIC:
        return statuses[ANONYMOUS]
    # What anyone may call is answered to a refused caller as to anyone.
    refused = statuses[ANONYMOUS] if call in OPEN_TO_ANYONE else 403
    scopes = {"token": OF_ONE_EVENT, "pass": ["door"]}[who.split()[1]]
    if who.startswith("a token with "):
        scopes = [who.removeprefix("a token with ")]
    elif not opened.by_event or who.endswith("another event"):
        return refused
    return statuses[ADMIN] if set(scopes) & set(opened.scopes) else refused


@pytest.mark.parametrize("call", [pytest.param(call, id=" ".join(call)) for call in TOKEN_CALLS])
async def test_each_token_and_pass_may_make_its_calls_only(shared_api: Api, call: Call) -> None:
    method, name = call
    cell = Cell(shared_api)
    for who, make in {**CALLERS, **INVALID}.items():
        cell.admin = shared_api.admin()
        caller = make(cell, shared_api.db)
        before = snapshot(shared_api.db)
        path, body = cell.request(method, name)
        response = await caller.send(method, path, body)
        status = expected(call, who) if who in CALLERS else TABLE[call][ANONYMOUS]
        assert response.status_code == status, f"{who}: {response.text}"
        if status >= 400:
            assert snapshot(shared_api.db) == before, who
        elif method != "GET":
            cell = Cell(shared_api)
        if status == 401 and call not in OPEN_TO_ANYONE:
            is_token = "Authorization" in caller.headers
            assert ("www-authenticate" in response.headers) is is_token, who


async def test_every_call_has_a_decision_about_tokens() -> None:
    assert {call for call in TABLE if is_described(call)} == set(TOKEN_CALLS)


def is_described(call: Call) -> bool:
    return call[1].startswith("/api/") and call[1] not in {"/api/openapi.json", "/api/docs"}
