"""What each parameter of a handler is given, found in the request by the parameter's name."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect, Request

from app.http import identity
from app.http.problems import FieldError, Problem, busy
from app.http.services import Application

BODY_SECONDS = 10
MAX_BODY_BYTES = 64 * 1024


def _find_app(type_: Any, request: Request, app: Application) -> Application:
    return app


def _find_request(type_: Any, request: Request, app: Application) -> Request:
    return request


async def _find_viewer(type_: Any, request: Request, app: Application) -> object:
    return await identity.viewer(request, app)


async def _find_user(type_: Any, request: Request, app: Application) -> object:
    user = await identity.viewer(request, app)
    if user is None:
        raise Problem("not-signed-in")
    return user


async def _find_admin(type_: Any, request: Request, app: Application) -> object:
    user = await identity.viewer(request, app)
    if user is None:
        raise Problem("not-signed-in")
    if not user.is_admin:
        raise Problem("not-allowed", "Only admins may do this.")
    return user


def _find_query(model: type[BaseModel], request: Request, app: Application) -> BaseModel:
    sent = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        return model.model_validate_strings(sent, context=_context(app))
    except ValidationError as error:
        raise _invalid(error, "query") from None


def _find_headers(model: type[BaseModel], request: Request, app: Application) -> BaseModel:
    sent = request.headers
    given = {name: sent[name] for name in _aliases(model) if name in sent}
    try:
        return model.model_validate_strings(given, context=_context(app))
    except ValidationError as error:
        raise _invalid(error, "header") from None


@cache
def _aliases(model: type[BaseModel]) -> Sequence[str]:
    return [info.alias for info in model.model_fields.values() if info.alias]


async def _find_body(model: type[BaseModel], request: Request, app: Application) -> BaseModel:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem("not-json", "Send Content-Type: application/json.")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(request)
    except TimeoutError:
        raise busy("The body did not arrive in time.") from None
    except ClientDisconnect:
        raise Problem("malformed-json", "The body was cut short.") from None
    try:
        return model.model_validate_json(body, context=_context(app))
    except ValidationError as error:
        raise _invalid(error, "body") from None


async def _read(request: Request) -> bytes:
    """Return the body, unless it is too large; whether or not its length is declared."""
    declared = request.headers.get("content-length", "")
    body = bytearray()
    if declared.isdecimal() and int(declared[:20]) > MAX_BODY_BYTES:
        raise Problem("too-large", "A body has at most 64 KiB.")
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise Problem("too-large", "A body has at most 64 KiB.")
    return bytes(body)


WHO = ("viewer", "user", "admin")
AWAITED = {*WHO, "body"}
FINDERS: Mapping[str, Callable[[Any, Request, Application], Any]] = {
    "app": _find_app,
    "request": _find_request,
    "viewer": _find_viewer,
    "user": _find_user,
    "admin": _find_admin,
    "query": _find_query,
    "headers": _find_headers,
    "body": _find_body,
}


def finder(name: str, type_: Any) -> Callable[[Request, Application], Any]:
    """Return what finds the parameter of this name in a request."""
    if name in FINDERS:
        return partial(FINDERS[name], type_)
    adapter = TypeAdapter(type_)

    def find_in_path(request: Request, app: Application) -> object:
        try:
            return adapter.validate_strings(request.path_params[name])
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]["msg"]
            errors = [FieldError("path", f"/{name}", detail)]
            raise Problem("validation", f"Look at: {name}.", errors=errors) from None

    return find_in_path


def _context(app: Application) -> dict[str, str]:
    return {"region": app.settings.default_region}


def _invalid(error: ValidationError, where: str) -> Problem:
    errors = []
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        if found["type"] == "json_invalid":
            return Problem("malformed-json", found["msg"].removeprefix("Invalid JSON: "))
        pointer = "".join(f"/{_escaped(part)}" for part in found["loc"])
        errors.append(FieldError(where, pointer, found["msg"].removeprefix("Value error, ")))
    named = ", ".join(sorted({item.pointer.lstrip("/") or where for item in errors}))
    return Problem("validation", f"Look at: {named}.", errors=errors[:100])


def _escaped(part: str | int) -> str:
    """Return part of a JSON pointer (RFC 6901); an unknown field's name may be anything."""
    return str(part)[:100].replace("~", "~0").replace("/", "~1")
