"""From a declared function to a route of the API.

    @endpoint("POST", "/bookings", who=Who.SIGNED_IN, status=201)
    async def create_booking(
        services: Services, caller: SignedIn, body: Body[NewBooking]
    ) -> Reply[Booking]

The declaration says who may call; what the function is given follows from the types of its
parameters (app/http/signatures.py). The OpenAPI document is made from the same declarations
(app/http/openapi.py), so that it cannot differ.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import NoneType, UnionType
from typing import Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.http.compression import compress
from app.http.identity import SignedIn, Who, caller_of
from app.http.origins import refuse_cross_site
from app.http.services import Services, services_of
from app.http.signatures import Handler, Signature, signature_of

Content = TypeVar("Content")

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Reply(Generic[Content]):
    """What a handler returns with a status or headers of its own; bytes are JSON already."""

    content: Content | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


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
    media_type: str = "application/json"
    reply_headers: tuple[str, ...] = ()

    @property
    def own_pages_only(self) -> bool:
        """Whether it is refused when a page of another site makes a browser call it.

        That holds for calls that change something, and for files: a browser would save them.
        """
        return self.method in UNSAFE_METHODS or self.media_type != "application/json"

    @property
    def _is_public_read(self) -> bool:
        """Whether its answers are compressed: they contain no secrets.

        Compressing secrets together with input of an attacker gives the secrets away by the size
        of the answer: see https://www.breachattack.com.
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
        if self.own_pages_only:
            refuse_cross_site(request, services.settings)
        if self.who is Who.ANYONE and not self.signature.takes_caller:
            return None
        return await caller_of(request, services, self.who)

    def _response(self, returned: object) -> Response:
        headers = {"Cache-Control": "no-store"}
        status = self.status
        if isinstance(returned, Reply):
            status, headers = returned.status, headers | dict(returned.headers)
            returned = returned.content
        if isinstance(returned, Response):
            return returned
        if returned is None:
            return Response(status_code=status, headers=headers)
        if not isinstance(returned, bytes):
            returned = cast("BaseModel", returned).model_dump_json().encode()
        return Response(returned, status, headers, "application/json")


def endpoint(
    method: str,
    path: str,
    *,
    who: Who,
    problems: tuple[str, ...] = (),
    status: int = 200,
    other_statuses: Mapping[int, str] | None = None,
    media_type: str = "application/json",
    reply_headers: tuple[str, ...] = (),
) -> Callable[[Handler], Endpoint]:
    """Declare the decorated function as an endpoint below /api that `who` may call.

    `problems` are the types it answers with, beside those that follow from the declaration;
    `other_statuses` are further good answers, each with what it means. `media_type` is for the
    document: a handler of another type than JSON returns its own Response.

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
            media_type=media_type,
            reply_headers=reply_headers,
        )

    return declare


def routes(endpoints: Sequence[Endpoint]) -> list[Route]:
    """Return one route for each path, so that a 405 names all methods of the path."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for declared in endpoints:
        by_path.setdefault(f"/api{declared.path}", {})[declared.method] = declared
    return [
        Route(path, _EndpointsOfPath(by_method), methods=list(by_method))
        for path, by_method in by_path.items()
    ]


class _EndpointsOfPath:
    """The ASGI application of one path: gives a request to the endpoint of its method."""

    def __init__(self, by_method: Mapping[str, Endpoint]) -> None:
        self._by_method = {**by_method}
        if "GET" in by_method:
            self._by_method["HEAD"] = by_method["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._by_method[scope["method"]].respond(Request(scope, receive, send))
        await response(scope, receive, send)
