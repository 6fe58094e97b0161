"""Every call as an anonymous client, the customer, another customer and an admin.

And as people who were admins until a moment ago, with the session that they had.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

import psycopg
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from app import main
from tests.api.role_cells import Cell, snapshot
from tests.support.application import Api, in_process

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHO = ("anonymous", "customer", "another", "admin")
# Former admins, and which of the others they are now.
FORMER = {"disabled": "anonymous", "demoted": "anonymous", "demoted in psql": "another"}

# The calls ask for what `customer` owns: a booking, its ticket, their list of bookings.
TABLE: Mapping[tuple[str, str], tuple[int, int, int, int]] = {
    # method, path                            anonymous customer another admin
    ("GET", "/api/events"): (200, 200, 200, 200),
    ("GET", "/api/events?status=all"): (401, 403, 403, 200),
    ("GET", "/api/events?status=draft"): (401, 403, 403, 200),
    ("GET", "/api/events?status=cancelled"): (401, 403, 403, 200),
    ("GET", "/api/events?status=completed"): (401, 403, 403, 200),
    ("GET", "/api/events/{event}"): (200, 200, 200, 200),
    ("GET", "/api/categories"): (200, 200, 200, 200),
    ("GET", "/api/events/{draft}"): (404, 404, 404, 200),
    ("GET", "/api/events/{event}/history"): (401, 403, 403, 200),
    ("GET", "/api/events/{event}/as-of?at=2099-01-01T00:00:00Z"): (401, 403, 403, 200),
    ("GET", "/api/events/{event}.ics"): (200, 200, 200, 200),
    ("GET", "/api/events/{draft}.ics"): (404, 404, 404, 404),
    ("POST", "/api/events"): (401, 403, 403, 201),
    ("POST", "/api/events/{event}/copies"): (401, 403, 403, 201),
    ("POST", "/api/events/{event}/preview"): (401, 403, 403, 200),
    ("POST", "/api/events/{event}/messages"): (401, 403, 403, 201),
    ("POST", "/api/events/{event}/messages/preview"): (401, 403, 403, 200),
    ("GET", "/api/events/{event}/messages"): (401, 403, 403, 200),
    ("GET", "/api/events/{event}/door"): (401, 403, 403, 200),
    ("POST", "/api/events/{event}/passes"): (401, 403, 403, 201),
    ("PUT", "/api/events/{event}"): (401, 403, 403, 200),
    ("GET", "/api/events/{event}/customer-limit"): (401, 200, 200, 200),
    ("GET", "/api/events/{event}/customer-limit?user_id={customer}"): (401, 200, 403, 200),
    ("POST", "/api/bookings"): (401, 201, 201, 201),
    ("POST", "/api/bookings for the customer"): (401, 201, 403, 201),
    ("GET", "/api/bookings/{booking}"): (401, 200, 404, 200),
    ("GET", "/api/bookings/{booking}.ics"): (401, 200, 404, 200),
    ("PUT", "/api/bookings/{booking}"): (401, 200, 404, 200),
    ("GET", "/api/bookings/user/{customer}"): (401, 200, 403, 200),
    ("GET", "/api/bookings/event/{event}"): (401, 403, 403, 200),
    ("GET", "/api/bookings/event/{event}.csv"): (401, 403, 403, 200),
    ("GET", "/api/bookings/event/{event}.xlsx"): (401, 403, 403, 200),
    ("GET", "/api/users"): (401, 403, 403, 200),
    ("POST", "/api/users"): (201, 201, 201, 201),
    ("POST", "/api/users without a password"): (422, 422, 422, 201),
    ("POST", "/api/users as an admin"): (403, 403, 403, 201),
    ("PUT", "/api/users/{customer}"): (401, 403, 403, 200),
    ("PUT", "/api/users/{customer}/disabled"): (401, 403, 403, 200),
    ("PUT", "/api/users/{customer}/role"): (401, 403, 403, 200),
    ("DELETE", "/api/users/{customer}/sessions"): (401, 403, 403, 204),
    ("POST", "/api/users/{customer}/password-code"): (401, 403, 403, 201),
    ("DELETE", "/api/users/{another}/second-factor"): (401, 403, 403, 204),
    ("POST", "/api/users/{another}/erasure"): (401, 403, 403, 200),
    ("PUT", "/api/users/{customer}/phone"): (401, 403, 403, 200),
    ("POST", "/api/phone-readings"): (200, 200, 200, 200),
    ("POST", "/api/sessions"): (201, 201, 201, 201),
    ("GET", "/api/sessions"): (401, 200, 200, 200),
    ("DELETE", "/api/sessions"): (401, 204, 204, 204),
    ("DELETE", "/api/sessions/{session}"): (401, 204, 404, 404),
    ("GET", "/api/sessions/current"): (200, 200, 200, 200),
    ("DELETE", "/api/sessions/current"): (204, 204, 204, 204),
    # Refused because they have no second factor.
    ("POST", "/api/sessions/current/second-factor"): (401, 409, 409, 409),
    ("POST", "/api/door-sessions"): (201, 201, 201, 201),
    ("GET", "/api/account"): (401, 200, 200, 200),
    ("PUT", "/api/account/name"): (401, 200, 200, 200),
    ("PUT", "/api/account/password"): (401, 204, 204, 204),
    ("POST", "/api/account/confirmations"): (401, 204, 204, 204),
    ("GET", "/api/account/second-factor"): (401, 200, 200, 200),
    ("POST", "/api/account/second-factor"): (401, 201, 201, 201),
    ("PUT", "/api/account/second-factor"): (401, 409, 409, 409),  # not begun
    ("DELETE", "/api/account/second-factor"): (401, 204, 204, 204),
    ("POST", "/api/account/recovery-codes"): (401, 409, 409, 409),  # there is no second factor
    ("PUT", "/api/account/email"): (401, 200, 200, 200),
    ("DELETE", "/api/account/email"): (401, 204, 204, 204),
    ("POST", "/api/account/email/verifications"): (401, 204, 204, 204),
    ("PUT", "/api/account/mail"): (401, 200, 200, 200),
    ("GET", "/api/account/export"): (401, 200, 200, 200),
    # Refused by the booking to come, except for those who have none.
    ("POST", "/api/account/erasure"): (401, 409, 204, 204),
    ("PUT", "/api/account/phone"): (401, 200, 200, 200),
    ("POST", "/api/account/phone/codes"): (401, 409, 409, 409),  # no webhook takes codes
    ("POST", "/api/phone-verifications"): (200, 200, 200, 200),
    ("POST", "/api/email-verifications"): (204, 204, 204, 204),
    ("POST", "/api/unsubscriptions"): (204, 204, 204, 204),
    ("POST", "/api/password-resets"): (204, 204, 204, 204),
    ("PUT", "/api/password-resets"): (204, 204, 204, 204),
    ("PUT", "/api/password-codes"): (204, 204, 204, 204),
    ("GET", "/api/admin/events"): (401, 403, 403, 200),
    ("GET", "/api/admin/events/{event}"): (401, 403, 403, 200),
    ("GET", "/api/admin/events/{event}/sales"): (401, 403, 403, 200),
    ("GET", "/api/admin/integrity"): (401, 403, 403, 200),
    ("GET", "/api/admin/events/{event}/integrity"): (401, 403, 403, 200),
    ("GET", "/api/admin/activity"): (401, 403, 403, 200),
    ("GET", "/api/mails?state=failing"): (401, 403, 403, 200),
    ("POST", "/api/mails/{mail}/retry"): (401, 403, 403, 204),
    ("GET", "/api/calendars"): (401, 200, 200, 200),
    ("POST", "/api/calendars"): (401, 201, 201, 201),
    ("DELETE", "/api/calendars"): (401, 204, 204, 204),
    ("GET", "/api/calendars/{secret}.ics"): (200, 200, 200, 200),
    ("GET", "/api/notices"): (401, 200, 200, 200),
    ("GET", "/api/notices/unread"): (401, 200, 200, 200),
    ("POST", "/api/notices/read"): (401, 200, 200, 200),
    ("GET", "/api/tickets/{code}"): (401, 200, 404, 200),
    ("POST", "/api/tickets/{code}/check-in"): (401, 403, 403, 200),
    ("GET", "/api/tokens"): (401, 403, 403, 200),
    ("POST", "/api/tokens"): (401, 403, 403, 201),
    ("DELETE", "/api/tokens/{token}"): (401, 403, 403, 204),
    ("GET", "/api/webhooks"): (401, 403, 403, 200),
    ("POST", "/api/webhooks"): (401, 403, 403, 201),
    ("GET", "/api/webhooks/{webhook}"): (401, 403, 403, 200),
    ("PUT", "/api/webhooks/{webhook}"): (401, 403, 403, 200),
    ("DELETE", "/api/webhooks/{webhook}"): (401, 403, 403, 204),
    ("POST", "/api/webhooks/{webhook}/secret"): (401, 403, 403, 201),
    ("POST", "/api/webhooks/{webhook}/test"): (401, 403, 403, 201),
    ("POST", "/api/webhooks/{webhook}/replay"): (401, 403, 403, 200),
    ("GET", "/api/webhooks/{webhook}/deliveries"): (401, 403, 403, 200),
    ("GET", "/api/config"): (200, 200, 200, 200),
    ("GET", "/api/openapi.json"): (200, 200, 200, 200),
    ("GET", "/api/docs"): (200, 200, 200, 200),
    ("GET", "/healthz"): (200, 200, 200, 200),
    ("GET", "/readyz"): (200, 200, 200, 200),
    ("GET", "/metrics"): (200, 200, 200, 200),  # allowed on this machine; see test_metrics.py
    ("GET", "/"): (200, 200, 200, 200),
    ("GET", "/events/{event}"): (200, 200, 200, 200),
    ("GET", "/events/{event}/poster.png"): (200, 200, 200, 200),
    ("GET", "/mails"): (200, 200, 200, 200),  # on this machine only; see test_mail_pages.py
    ("GET", "/mails/{name}"): (200, 200, 200, 200),
    ("GET", "/mails/{name}/html"): (200, 200, 200, 200),
    ("GET", "/mails/{name}/attachments/{number}"): (200, 200, 200, 200),
    ("GET", "/unsubscribe"): (200, 200, 200, 200),
    ("POST", "/unsubscribe?token={unsubscription}"): (200, 200, 200, 200),
    ("GET", "/verify-email"): (200, 200, 200, 200),
    ("GET", "/reset-password"): (200, 200, 200, 200),
    ("GET", "/robots.txt"): (200, 200, 200, 200),
    ("GET", "/sitemap.xml"): (200, 200, 200, 200),
}
# Admins with only the password yet, whose second factor is on. What anyone may ask is answered to
# them as to anyone, and all else is refused, except for these.
BEFORE_SECOND_FACTOR: Mapping[tuple[str, str], int] = {
    ("GET", "/api/sessions/current"): 200,
    ("DELETE", "/api/sessions/current"): 204,
    ("POST", "/api/sessions/current/second-factor"): 200,
}
# The same for admins without a second factor, where admins need one.
BEFORE_SETUP: Mapping[tuple[str, str], int] = {
    ("GET", "/api/sessions/current"): 200,
    ("DELETE", "/api/sessions/current"): 204,
    ("POST", "/api/sessions/current/second-factor"): 409,
    ("POST", "/api/account/confirmations"): 204,
    ("GET", "/api/account/second-factor"): 200,
    ("POST", "/api/account/second-factor"): 201,
    ("PUT", "/api/account/second-factor"): 409,
}
# What admins may not do who gave their password a long time ago, unless a password in the body says
# who they are.
CONFIRMED = {
    ("POST", "/api/users as an admin"),
    ("PUT", "/api/users/{customer}/disabled"),
    ("PUT", "/api/users/{customer}/role"),
    ("DELETE", "/api/users/{customer}/sessions"),
    ("POST", "/api/users/{customer}/password-code"),
    ("DELETE", "/api/users/{another}/second-factor"),
    ("POST", "/api/account/second-factor"),
    ("PUT", "/api/account/second-factor"),
    ("DELETE", "/api/account/second-factor"),
    ("POST", "/api/account/recovery-codes"),
    ("DELETE", "/api/account/email"),
    ("POST", "/api/tokens"),
}
UNFINISHED = {
    "half signed in": "second-factor-required",
    "without a factor": "second-factor-missing",
    "confirmed long ago": "confirmation-required",
}


def status_of_unfinished(call: tuple[str, str], who: str) -> int:
    """Return what an admin gets for whom something is missing."""
    as_anyone, as_admin = TABLE[call][WHO.index("anonymous")], TABLE[call][WHO.index("admin")]
    if who == "confirmed long ago":
        return 403 if call in CONFIRMED else as_admin
    may = BEFORE_SECOND_FACTOR if who == "half signed in" else BEFORE_SETUP
    # Anyone may ask for events, and is asked to sign in for those that admins see.
    for_anyone = as_anyone != 401 or call[1].startswith("/api/events?")
    return may.get(call, as_anyone if for_anyone else 403)


CELLS = [
    pytest.param(method, call, who, status, id=f"{method} {call} by {who}")
    for (method, call), statuses in TABLE.items()
    for who, status in [
        *zip(WHO, statuses, strict=True),
        *((former, statuses[WHO.index(now)]) for former, now in FORMER.items()),
    ]
]
REFUSED_WITH = {401: "not-signed-in", 403: "not-allowed", 422: "validation"}


@pytest.mark.parametrize(("method", "call", "who", "status"), CELLS)
async def test_each_role_may_make_its_calls_only(
    shared_api: Api, method: str, call: str, who: str, status: int
) -> None:
    cell = Cell(shared_api)
    caller = cell.caller(who)
    before = snapshot(shared_api.db)
    path, body = cell.request(method, call)
    response = await caller.send(method, path, body)
    assert response.status_code == status, response.text
    if status >= 400:
        assert snapshot(shared_api.db) == before
        type_ = response.json()["type"].removeprefix("/problems/")
        assert type_ == REFUSED_WITH.get(status, type_)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strict_api(module_database_url: str, module_db: psycopg.Connection) -> AsyncIterator[Api]:
    """The API over the same database, where admins need a second factor."""
    async with in_process(module_database_url, REQUIRE_SECOND_FACTOR="true") as client:
        yield Api(client, module_db)


@pytest.mark.parametrize("who", UNFINISHED)
@pytest.mark.parametrize("call", TABLE, ids=" ".join)
async def test_an_admin_may_do_little_while_something_is_missing(
    shared_api: Api, strict_api: Api, call: tuple[str, str], who: str
) -> None:
    cell = Cell(strict_api if who == "without a factor" else shared_api)
    caller = cell.unfinished_admin(who)
    before = snapshot(shared_api.db)
    path, body = cell.request(*call)
    response = await caller.send(call[0], path, body)
    status = status_of_unfinished(call, who)
    assert response.status_code == status, response.text
    if status >= 400:
        assert snapshot(shared_api.db) == before
    # Anyone else would get another refusal, or none.
    if status == 403 and TABLE[call][WHO.index("anonymous")] != 403:
        assert response.json()["type"].removeprefix("/problems/") == UNFINISHED[who]


async def test_every_route_is_in_the_table() -> None:
    described = {(method, re.sub(r"[? ].*|\{\w+\}", "", call)) for method, call in TABLE}
    starlette = main.app.app
    assert isinstance(starlette, Starlette)
    actual = {
        (method, re.sub(r"\{[\w:]+\}", "", path)) for method, path in served(starlette.routes)
    }
    assert actual == described


def served(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        assert isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}:
            yield method, route.path
    yield "GET", "/"  # the pages of the app, for all other paths
