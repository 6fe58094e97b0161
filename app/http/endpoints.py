"""From a declared function to a route of the API.

    @endpoint("POST", "/bookings", who=Who.SIGNED_IN, status=201)
    async def create_booking(
        services: Services, caller: SignedIn, body: Body[NewBooking]
    ) -> Reply[Booking]

The declaration says who may call the function. The types of its parameters say what it is given
(app/http/signatures.py). The OpenAPI document is made from the same declarations
(app/http/openapi.py), so the two cannot differ.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import NoneType, UnionType
from typing import Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from app.http.compression import compress
from app.http.cross_site import refuse_cross_site
from app.http.identity import FactorRule, SignedIn, Who, caller_of
from app.http.scopes import Admits, EventOf
from app.http.scopes import Scope as TokenScope
from app.http.services import Services, services_of
from app.http.signatures import Handler, Signature, signature_of
from app.http.tokens import bearer_secret

Content = TypeVar("Content")

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Reply(Generic[Content]):
    """What a handler returns to set a status or headers. `content` is a model, or bytes of JSON."""

    content: Content | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()


@dataclass(frozen=True)
class Endpoint:
    """One call of the API: how it is reached, who may call it, what it takes and returns."""

    method: str
    path: str
    who: Who
    handler: Handler
    signature: Signature
    problems: tuple[str, ...] = ()
    status: int = 200
    other_statuses: Mapping[int, str] = field(default_factory=dict)
    other_outputs: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    media_type: str = "application/json"
    reply_headers: tuple[str, ...] = ()
    polled: bool = False
    admits: Admits = field(default_factory=Admits)
    rule: FactorRule = field(default_factory=FactorRule)

    @property
    def own_pages_only(self) -> bool:
        """Whether calls from pages of other sites are refused.

        That holds for calls that change something. It also holds for files, because another site
        could make the browser save one.
        """
        return self.method in UNSAFE_METHODS or self.media_type != "application/json"

    @property
    def _is_public_read(self) -> bool:
        """Whether anyone may read it. Its answers contain no secrets, so they may be compressed.

        When an answer holds both a secret and text that an attacker chose, its compressed size
        gives the secret away: see https://www.breachattack.com.
        """
        return self.method == "GET" and self.who is Who.ANYONE

    @cached_property
    def output(self) -> type[BaseModel] | None:
        """The model of what it returns, or None."""
        returned = get_type_hints(self.handler)["return"]
        if get_origin(returned) in {Union, UnionType}:
            returned = get_args(returned)[0]
        if get_origin(returned) is Reply:
            returned = get_args(returned)[0]
        if returned is NoneType or issubclass(returned, Response):
            return None
        return cast("type[BaseModel]", returned)

    async def respond(self, request: Request) -> Response:
        """Serve one request."""
        services = services_of(request)
        # Authorise before validating, so that an anonymous caller cannot probe the input rules.
        caller = await self._authorised_caller(request, services)
        arguments = await self.signature.arguments(request, services, caller)
        response = self._response(await self.handler(**arguments))
        return compress(response, request.headers) if self._is_public_read else response

    async def _authorised_caller(self, request: Request, services: Services) -> SignedIn | None:
        # Only what a browser sends by itself needs this: no page can add a bearer token of ours.
        if self.own_pages_only and bearer_secret(request) is None:
            refuse_cross_site(request, services.settings)
        if self.who is Who.ANYONE and not self.signature.takes_caller:
            return None
        return await caller_of(
            request, services, self.who, self.admits, self.rule, polled=self.polled
        )

    def _response(self, returned: object) -> Response:
        headers = {"Cache-Control": "no-store"}
        status = self.status
        cookies: Sequence[str] = ()
        if isinstance(returned, Reply):
            status, headers = returned.status, headers | dict(returned.headers)
            cookies = returned.cookies
            returned = returned.content
        if isinstance(returned, Response):
            return returned
        if returned is None:
            response = Response(status_code=status, headers=headers)
        else:
            if not isinstance(returned, bytes):
                returned = cast("BaseModel", returned).model_dump_json().encode()
            response = Response(returned, status, headers, "application/json")
        for cookie in cookies:
            response.headers.append("Set-Cookie", cookie)
        return response


def endpoint(
    method: str,
    path: str,
    *,
    who: Who,
    problems: tuple[str, ...] = (),
    status: int = 200,
    other_statuses: Mapping[int, str] | None = None,
    other_outputs: Mapping[int, type[BaseModel]] | None = None,
    media_type: str = "application/json",
    reply_headers: tuple[str, ...] = (),
    polled: bool = False,
    scopes: tuple[TokenScope, ...] = (),
    event_of: EventOf = EventOf.NOWHERE,
    before_second_factor: bool = False,
    before_setup: bool = False,
    confirmed: bool = False,
) -> Callable[[Handler], Endpoint]:
    """Declare the decorated function as an endpoint below /api that `who` may call.

    A token or door pass may call it as well if it has one of `scopes`; if it is for one event only,
    `event_of` says where that event stands in the request (app/http/scopes.py).

    `before_second_factor`, `before_setup` and `confirmed` say whether a call needs the second
    factor, and a password that was given a short time ago (FactorRule in app/http/identity.py).

    `problems` are the problem types of this function; the types that follow from the declaration,
    such as validation, need not be named. `other_statuses` are further successful statuses
    without content, each with its meaning; `other_outputs` are those with a model of their own.
    `media_type` is only documentation: a handler that does not answer JSON
    returns a Response. `polled` says that open pages repeat the call by themselves, so that it does
    not keep a session from ending.

    Raises TypeError when the function's parameters do not fit `path` and `who`.
    """

    def declare(handler: Handler) -> Endpoint:
        return Endpoint(
            method=method,
            path=path,
            who=who,
            handler=handler,
            signature=signature_of(handler, path, who),
            problems=problems,
            status=status,
            other_statuses=other_statuses or {},
            other_outputs=other_outputs or {},
            media_type=media_type,
            reply_headers=reply_headers,
            polled=polled,
            admits=Admits(scopes, event_of),
            rule=FactorRule(before_second_factor, before_setup, confirmed),
        )

    return declare


def routes(endpoints: Sequence[Endpoint]) -> list[Route]:
    """Return one route for each path, so that a 405 names all methods of the path."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for declared in endpoints:
        by_path.setdefault(f"/api{declared.path}", {})[declared.method] = declared
    return [
        _RouteOfPath(path, _EndpointsOfPath(by_method), methods=list(by_method))
        for path, by_method in by_path.items()
    ]


class _RouteOfPath(Route):
    """A route that answers 405 for the methods that its path does not have.

    Starlette would try later routes first: PUT /events/1.ics would match /events/{id}.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return (match if match is Match.NONE else Match.FULL), child_scope


class _EndpointsOfPath:
    """The ASGI application of one path: gives a request to the endpoint of its method."""

    def __init__(self, by_method: Mapping[str, Endpoint]) -> None:
        self._by_method = {**by_method}
        if "GET" in by_method:
            self._by_method["HEAD"] = by_method["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._by_method[scope["method"]].respond(Request(scope, receive, send))
        await response(scope, receive, send)
