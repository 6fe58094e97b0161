"""A handler whose parameters do not match its declaration fails at import."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from app.http.endpoints import Endpoint, endpoint
from app.http.fields import Id, Input
from app.http.identity import SignedIn, Who
from app.http.inputs import Body, Headers, Query, Source
from app.http.services import Services

Handler = Callable[..., Awaitable[Any]]


class Order(Input):
    """Some input."""

    count: int = 1


async def everything(
    services: Services,
    request: Request,
    person: SignedIn,
    id: Id,
    filters: Query[Order],
    sent: Headers[Order],
    order: Body[Order],
) -> None: ...


async def nothing() -> None: ...


async def misspelt(idd: Id) -> None: ...


async def unmarked(id: Id, body: Order) -> None: ...


async def untyped(id) -> None: ...  # type: ignore[no-untyped-def]


async def two_bodies(id: Id, body: Body[Order], other: Body[Order]) -> None: ...


async def somebody(caller: SignedIn, id: Id) -> None: ...


async def perhaps_somebody(caller: SignedIn | None, id: Id) -> None: ...


def declared(handler: Handler, who: Who) -> Endpoint:
    return endpoint("POST", "/orders/{id}", who=who)(handler)


def test_types_say_what_a_parameter_is_given() -> None:
    signature = declared(everything, Who.SIGNED_IN).signature

    assert signature.models.keys() == {Source.BODY, Source.QUERY, Source.HEADERS}
    assert signature.path.keys() == {"id"}
    assert signature.takes_caller


@pytest.mark.parametrize(
    ("handler", "who", "message"),
    (
        (nothing, Who.ADMIN, r"nothing\(\) for /orders/{id}: the placeholder id has no parameter"),
        (misspelt, Who.ADMIN, r"misspelt\(\) for /orders/{id}: the placeholder id has no param"),
        (unmarked, Who.ADMIN, r"unmarked\(\) .* the parameter body is no placeholder"),
        (untyped, Who.ADMIN, r"untyped\(\) .* the parameter id has no type"),
        (two_bodies, Who.ADMIN, r"two_bodies\(\) .* another parameter has the same source as body"),
        (somebody, Who.ANYONE, r"somebody\(\) .* caller must be SignedIn \| None"),
        (perhaps_somebody, Who.SIGNED_IN, r"perhaps_somebody\(\) .* caller must be SignedIn,"),
        (perhaps_somebody, Who.ADMIN, r"perhaps_somebody\(\) .* caller must be SignedIn,"),
    ),
)
def test_a_parameter_that_does_not_fit_is_an_error(
    handler: Handler, who: Who, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        declared(handler, who)


def test_an_endpoint_must_declare_who_may_call_it() -> None:
    with pytest.raises(TypeError, match="'who'"):
        endpoint("POST", "/orders")  # type: ignore[call-arg]
