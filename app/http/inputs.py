"""Reading and validating the parts of a request.

`Body[Model]`, `Query[Model]` and `Headers[Model]` mark the parameters of a handler.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import cache
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request

from app.http.body_limits import read_limited
from app.http.problems import FieldError, Problem
from app.http.services import Services


class Source(Enum):
    """Where a parameter of a handler comes from."""

    BODY = auto()
    QUERY = auto()
    HEADERS = auto()
    PATH = auto()
    CALLER = auto()
    SERVICES = auto()
    REQUEST = auto()


Model = TypeVar("Model", bound=BaseModel)
Body = Annotated[Model, Source.BODY]
Query = Annotated[Model, Source.QUERY]
Headers = Annotated[Model, Source.HEADERS]


def read_query(model: type[Model], request: Request, services: Services) -> Model:
    """Return the query of a request; raise Problem when it is not valid."""
    sent = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        return model.model_validate_strings(sent, context=services.settings.validation_context)
    except ValidationError as error:
        raise _invalid(error, "query") from None


def read_headers(model: type[Model], request: Request, services: Services) -> Model:
    """Return those headers that the model declares; raise Problem when one is not valid."""
    sent = request.headers
    given = {name: sent[name] for name in _aliases(model) if name in sent}
    try:
        return model.model_validate_strings(given, context=services.settings.validation_context)
    except ValidationError as error:
        raise _invalid(error, "header") from None


@cache
def _aliases(model: type[BaseModel]) -> Sequence[str]:
    return [info.alias for info in model.model_fields.values() if info.alias]


async def read_body(model: type[Model], request: Request, services: Services) -> Model:
    """Return the body of a request; raise Problem when it is too large, too slow or not valid."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem("not-json", "Send Content-Type: application/json.")
    body = await read_limited(request)
    try:
        return model.model_validate_json(body, context=services.settings.validation_context)
    except ValidationError as error:
        raise _invalid(error, "body") from None


def path_reader(name: str, type_: Any) -> Callable[[Request, Services], object]:
    """Return a function that reads a placeholder of the path. It raises Problem if invalid."""
    adapter = TypeAdapter(type_)

    def read(request: Request, services: Services) -> object:
        try:
            return adapter.validate_strings(request.path_params[name])
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]["msg"]
            errors = [FieldError("path", f"/{name}", detail)]
            raise Problem("validation", f"Check: {name}.", errors=errors) from None

    return read


def _invalid(error: ValidationError, where: str) -> Problem:
    errors = []
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        if found["type"] == "json_invalid":
            return Problem("malformed-json", found["msg"].removeprefix("Invalid JSON: "))
        pointer = "".join(f"/{_escaped(part)}" for part in found["loc"])
        errors.append(FieldError(where, pointer, found["msg"].removeprefix("Value error, ")))
    named = ", ".join(sorted({item.pointer.lstrip("/") or where for item in errors}))
    return Problem("validation", f"Check: {named}.", errors=errors[:100])


def _escaped(part: str | int) -> str:
    """Return one part of a JSON pointer (RFC 6901)."""
    # Cut, because a client may send an unknown field with a name of any length.
    return str(part)[:100].replace("~", "~0").replace("/", "~1")


def has_tag(if_none_match: str | None, tag: str) -> bool:
    """Return whether a client already has the version of a resource that has this ETag."""
    given = (if_none_match or "").split(",")
    return any(one.strip().removeprefix("W/") in {tag, "*"} for one in given)
