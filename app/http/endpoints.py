"""From a typed function to a route: what its parameters are called says what it is given.

    async def create_booking(app: Application, user: SignedIn, body: NewBooking) -> Reply[Booking]

`app` is what a worker shares, `request` Starlette's request, `viewer` who is signed in or None,
`user` who is signed in (else 401), `admin` likewise and an admin (else 403); `body`, `query` and
`headers` are validated models; every other parameter is one of the path. The OpenAPI document is
made from the same signatures (app/http/openapi.py), so that it cannot differ.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.http.inputs import AWAITED, FINDERS, WHO, finder
from app.http.origins import refuse_cross_site
from app.http.services import Application

Content = TypeVar("Content")
Handler = Callable[..., Awaitable[Any]]
Server = Callable[[Request], Awaitable[Response]]

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Reply(Generic[Content]):
    """An answer with a status or headers of its own; bytes are JSON written already."""

    content: Content | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """One call of the API: how it is reached, what it takes and what it answers."""

    method: str
    path: str
    handler: Handler
    problems: tuple[str, ...] = ()
    status: int = 200
    other_statuses: Mapping[int, str] = field(default_factory=dict)
    media_type: str = "application/json"
    reply_headers: tuple[str, ...] = ()

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The handler's parameters with their types, who is asking first."""
        hints = get_type_hints(self.handler, include_extras=True)
        hints.pop("return", None)
        # A stranger learns nothing from what is wrong with a request.
        return dict(sorted(hints.items(), key=lambda item: item[0] not in WHO))

    @property
    def path_parameters(self) -> dict[str, Any]:
        """Those of the parameters that are part of the path."""
        return {name: type_ for name, type_ in self.parameters.items() if name not in FINDERS}

    @property
    def own_pages_only(self) -> bool:
        """Whether it is refused when a page of another site makes a browser call it.

        That holds for calls that change something, and for files: a browser would save them.
        """
        return self.method in UNSAFE_METHODS or self.media_type != "application/json"

    @property
    def answer(self) -> type[BaseModel] | None:
        """The model it answers with, or None."""
        returned = get_type_hints(self.handler)["return"]
        if get_origin(returned) in {Union, UnionType}:
            returned = get_args(returned)[0]
        if get_origin(returned) is Reply:
            returned = get_args(returned)[0]
        if returned is NoneType or issubclass(returned, Response):
            return None
        return cast("type[BaseModel]", returned)

    def server(self) -> Server:
        """Return the function that serves this endpoint's requests."""
        finders = [
            (name, finder(name, type_), name in AWAITED) for name, type_ in self.parameters.items()
        ]

        async def serve(request: Request) -> Response:
            app = application(request)
            if self.own_pages_only:
                refuse_cross_site(request, app.settings)
            given = {}
            for name, find, awaited in finders:
                found = find(request, app)
                given[name] = await found if awaited else found
            return self._respond(await self.handler(**given))

        return serve

    def _respond(self, returned: object) -> Response:
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
    problems: tuple[str, ...] = (),
    status: int = 200,
    other_statuses: Mapping[int, str] | None = None,
    media_type: str = "application/json",
    reply_headers: tuple[str, ...] = (),
) -> Callable[[Handler], Endpoint]:
    """Declare the decorated function as an endpoint below /api.

    `problems` are the types it answers with, beside those that follow from its signature;
    `other_statuses` are further good answers, each with what it means.
    """

    def declare(handler: Handler) -> Endpoint:
        return Endpoint(
            method, path, handler, problems, status, other_statuses or {}, media_type, reply_headers
        )

    return declare


def routes(endpoints: Sequence[Endpoint]) -> list[Route]:
    """Return one route for each path, so that a 405 names all methods of the path."""
    by_path: dict[str, dict[str, Server]] = {}
    for declared in endpoints:
        by_path.setdefault(f"/api{declared.path}", {})[declared.method] = declared.server()
    return [Route(path, _Path(servers), methods=list(servers)) for path, servers in by_path.items()]


class _Path:
    """The ASGI application of one path: gives a request to the server of its method."""

    def __init__(self, servers: Mapping[str, Server]) -> None:
        self._servers = {**servers, "HEAD": servers["GET"]} if "GET" in servers else servers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._servers[scope["method"]](Request(scope, receive, send))
        await response(scope, receive, send)


def application(request: Request) -> Application:
    """Return what this worker shares."""
    shared: Application = request.scope["state"]["application"]
    return shared
