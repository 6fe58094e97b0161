"""Passes a handler its arguments. The type of each parameter says what it gets.

`Services` is what the process shares, `Request` is Starlette's request, and `SignedIn` is the
caller (`SignedIn | None` where anyone may call). `Body[Model]`, `Query[Model]` and `Headers[Model]`
are that part of the request, validated. A parameter of any other type must have the name of a
placeholder in the path.

The parameters are checked when the module of the handler is imported.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from starlette.requests import Request

from app.http.identity import SignedIn, Who
from app.http.inputs import Source, path_reader, read_body, read_headers, read_query
from app.http.services import Services

Handler = Callable[..., Awaitable[Any]]
Reader = Callable[[Request, Services], object]

MODELS = (Source.BODY, Source.QUERY, Source.HEADERS)

# Types of parameters that need no marker such as Body.
_BY_TYPE = (
    (Services, Source.SERVICES),
    (Request, Source.REQUEST),
    (SignedIn, Source.CALLER),
    (SignedIn | None, Source.CALLER),
)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a handler. For Body[Model], `source` is BODY and `type` is Model."""

    name: str
    source: Source
    type: Any

    def reader(self) -> Reader | None:
        """Return the function that gets the value; None for the caller and the body."""
        match self.source:
            case Source.SERVICES:
                return lambda request, services: services
            case Source.REQUEST:
                return lambda request, services: request
            case Source.QUERY:
                return partial(read_query, self.type)
            case Source.HEADERS:
                return partial(read_headers, self.type)
            case Source.PATH:
                return path_reader(self.name, self.type)
            case Source.CALLER | Source.BODY:
                return None


class Signature:
    """The parameters of a handler. `models` and `path` describe what a client sends."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        by_source = {parameter.source: parameter for parameter in parameters}
        self.models: Mapping[Source, type[BaseModel]] = {
            source: by_source[source].type for source in MODELS if source in by_source
        }
        self.path: Mapping[str, Any] = {
            parameter.name: parameter.type
            for parameter in parameters
            if parameter.source is Source.PATH
        }
        self._caller = by_source.get(Source.CALLER)
        self._body = by_source.get(Source.BODY)
        self._readers = [
            (parameter.name, reader) for parameter in parameters if (reader := parameter.reader())
        ]

    @property
    def takes_caller(self) -> bool:
        """Whether the handler has a parameter for the caller."""
        return self._caller is not None

    async def arguments(
        self, request: Request, services: Services, caller: SignedIn | None
    ) -> dict[str, object]:
        """Return the arguments for the handler. The body is read last, if all else is valid."""
        given = {name: read(request, services) for name, read in self._readers}
        if self._caller is not None:
            given[self._caller.name] = caller
        if self._body is not None:
            given[self._body.name] = await read_body(self._body.type, request, services)
        return given


def signature_of(handler: Handler, path: str, who: Who) -> Signature:
    """Return the signature of a handler; raise TypeError when it does not fit `path` and `who`."""
    hints = get_type_hints(handler, include_extras=True)
    parameters = [
        _parameter(name, hints.get(name)) for name in inspect.signature(handler).parameters
    ]
    placeholders = set(re.findall(r"\{(\w+)\}", path))
    for error in _errors(parameters, placeholders, who):
        raise TypeError(f"{getattr(handler, '__name__', handler)}() for {path}: {error}.")
    return Signature(parameters)


def _parameter(name: str, type_: Any) -> Parameter:
    for mark in getattr(type_, "__metadata__", ()):
        if isinstance(mark, Source):
            return Parameter(name, mark, get_args(type_)[0])
    source = next((source for known, source in _BY_TYPE if type_ == known), Source.PATH)
    return Parameter(name, source, type_)


def _errors(parameters: Sequence[Parameter], placeholders: set[str], who: Who) -> Iterator[str]:
    in_path = {parameter.name for parameter in parameters if parameter.source is Source.PATH}
    for name in sorted(placeholders - in_path):
        yield f"the placeholder {name} has no parameter"
    sources = [parameter.source for parameter in parameters]
    for parameter in parameters:
        name, source = parameter.name, parameter.source
        if parameter.type is None:
            yield f"the parameter {name} has no type"
        elif source is Source.PATH:
            if name not in placeholders:
                yield f"the parameter {name} is no placeholder, and its type has no source"
        elif sources.count(source) > 1:
            yield f"another parameter has the same source as {name}"
        elif source is Source.CALLER and (parameter.type is SignedIn) is (who is Who.ANYONE):
            expected = "SignedIn | None" if who is Who.ANYONE else "SignedIn"
            yield f"the parameter {name} must be {expected}, because who is {who}"
