"""The OpenAPI 3.1 document, assembled from the endpoints and their models."""

from collections.abc import Iterator, Mapping, Sequence
from inspect import getdoc
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app.http.endpoints import Endpoint
from app.http.identity import COOKIE, SECURE_COOKIE, Who
from app.http.inputs import Source
from app.http.problem_types import PROBLEM_TYPES
from app.http.problems import MEDIA_TYPE
from app.http.tokens import TOKEN_PREFIX

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{model}"

REPLY_HEADERS: Mapping[str, Schema] = {
    "Location": {
        "description": "The address of what was created.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "ETag": {
        "description": 'Of an event "<version>-<tickets available>-<closed_reason, or open>"; of a'
        " calendar, a hash.",
        "schema": {"type": "string", "pattern": r'^"(\d+-\d+-[a-z-]+|[0-9a-f]{32})"$'},
    },
    "Set-Cookie": {
        "description": "The session, and the device that is known.",
        "schema": {"type": "string"},
    },
    "Content-Disposition": {
        "description": "It is saved as a file of this name.",
        "schema": {"type": "string", "pattern": "^attachment; filename="},
    },
    "Idempotent-Replayed": {
        "description": "The key made this booking before; this is its current state.",
        "schema": {"const": "true"},
    },
}
FIELD_ERRORS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["in", "pointer", "detail"],
        "additionalProperties": False,
        "properties": {
            "in": {"enum": ["body", "query", "path", "header"]},
            "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901)."},
            "detail": {"type": "string"},
        },
    },
}


def document(endpoints: Sequence[Endpoint]) -> Schema:
    """Return the OpenAPI document of these endpoints, all below /api."""
    models = sorted(set(_models(endpoints)), key=lambda pair: pair[0].__name__)
    references, definitions = models_json_schema(models, ref_template=REFERENCE)
    by_model = {(key[0].__name__, key[1]): schema for key, schema in references.items()}
    schemas = definitions.get("$defs", {})
    used = {type_ for declared in endpoints for type_ in problem_types(declared)}
    schemas |= {_problem_name(type_): _problem_schema(type_) for type_ in sorted(used)}
    paths: dict[str, Schema] = {}
    for declared in endpoints:
        operation = _operation(declared, by_model)
        paths.setdefault(f"/api{declared.path}", {})[declared.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Marquee",
            "version": "1.0.0",
            "description": "Find events, book tickets, check them in.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": COOKIE,
                    "description": f"Its name is {SECURE_COOKIE} where PUBLIC_URL is https.",
                },
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": f"{TOKEN_PREFIX}...",
                    "description": "An API token, which an admin makes and revokes. The list beside"
                    " it holds the scope that it needs for a call. A request with a token is"
                    " decided by the token, and its cookies are ignored.",
                },
            },
        },
    }


def problem_types(declared: Endpoint) -> list[str]:
    """Return every type of problem an endpoint can answer with."""
    types = set(declared.problems) | {"internal", "busy", "database-away"}
    if declared.who is not Who.ANYONE:
        # A signed-in customer is refused by an admin's call, and a token by a call without a scope.
        types |= {"not-signed-in", "not-allowed"}
        types.update(_factor_problems(declared))
    if declared.own_pages_only:
        types.add("cross-site-request")
    if Source.BODY in declared.signature.models:
        types |= {"malformed-json", "not-json", "too-large"}
    if declared.signature.models or declared.signature.path:
        types.add("validation")
    return sorted(types)


def _factor_problems(declared: Endpoint) -> Iterator[str]:
    if not declared.rule.before_second_factor:
        yield "second-factor-required"
    if not declared.rule.before_setup:
        yield "second-factor-missing"
    if declared.rule.confirmed:
        yield "confirmation-required"


def _models(
    endpoints: Sequence[Endpoint],
) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    for declared in endpoints:
        if body := declared.signature.models.get(Source.BODY):
            yield body, "validation"
        if declared.output:
            yield declared.output, "serialization"
        for output in declared.other_outputs.values():
            yield output, "serialization"


def _operation(declared: Endpoint, by_model: Mapping[tuple[str, JsonSchemaMode], Schema]) -> Schema:
    summary, _, more = (getdoc(declared.handler) or "").partition("\n")
    operation: Schema = {
        "operationId": declared.handler.__name__,
        "summary": summary.rstrip("."),
        "tags": [declared.path.split("/")[1]],
        "parameters": list(_parameters(declared)),
        "responses": _responses(declared, by_model),
    }
    if more.strip():
        operation["description"] = more.strip()
    if declared.who is not Who.ANYONE or declared.signature.takes_caller:
        operation["security"] = _security(declared)
    if body := declared.signature.models.get(Source.BODY):
        schema = by_model[body.__name__, "validation"]
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _security(declared: Endpoint) -> list[Schema]:
    """Return the ways to authenticate; beside a bearer token stands the scope that it needs."""
    anyone: list[Schema] = [{}] if declared.who is Who.ANYONE else []
    tokens = [{"token": [scope]} for scope in declared.admits.scopes]
    return [*anyone, {"session": []}, *tokens]


def _parameters(declared: Endpoint) -> Iterator[Schema]:
    for name, type_ in declared.signature.path.items():
        schema = TypeAdapter(type_).json_schema()
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for source, where in ((Source.QUERY, "query"), (Source.HEADERS, "header")):
        if model := declared.signature.models.get(source):
            properties = model.model_json_schema(ref_template=REFERENCE)["properties"]
            for name, schema in properties.items():
                given = _without_null(schema)
                parameter = {"name": name, "in": where, "required": False, "schema": given}
                if description := given.pop("description", None):
                    parameter["description"] = description
                yield parameter


def _without_null(schema: Schema) -> Schema:
    """Return the schema of a parameter that is given; a parameter that is left out is not null."""
    kept = {key: value for key, value in schema.items() if key not in {"anyOf", "title"}}
    if kept.get("default", ...) is None:
        del kept["default"]
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {**kept, "anyOf": choices} if choices else kept


def _responses(declared: Endpoint, by_model: Mapping[tuple[str, JsonSchemaMode], Schema]) -> Schema:
    success: Schema = {"description": "Done." if declared.status == 204 else "Success."}
    if declared.output:
        schema = by_model[declared.output.__name__, "serialization"]
        success["content"] = {declared.media_type: {"schema": schema}}
    elif declared.media_type.startswith("text/"):
        success["content"] = {declared.media_type: {"schema": {"type": "string"}}}
    elif declared.status != 204:
        # OpenAPI 3.1 describes bytes that are no text by their media type alone.
        success["content"] = {declared.media_type: {}}
    if declared.reply_headers:
        success["headers"] = {name: REPLY_HEADERS[name] for name in declared.reply_headers}
    responses = {str(declared.status): success}
    for status, description in declared.other_statuses.items():
        responses[str(status)] = {"description": description}
    for status, output in declared.other_outputs.items():
        schema = by_model[output.__name__, "serialization"]
        responses[str(status)] = {
            "description": (getdoc(output) or "").partition("\n")[0],
            "content": {declared.media_type: {"schema": schema}},
        }
    by_status: dict[int, list[str]] = {}
    for type_ in problem_types(declared):
        by_status.setdefault(PROBLEM_TYPES[type_].status, []).append(type_)
    for status, types in sorted(by_status.items()):
        responses[str(status)] = _problem_response(types)
    return responses


def _problem_response(types: Sequence[str]) -> Schema:
    schemas = [{"$ref": REFERENCE.format(model=_problem_name(type_))} for type_ in types]
    return {
        "description": "; ".join(PROBLEM_TYPES[type_].title for type_ in types) + ".",
        "content": {
            MEDIA_TYPE: {"schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas}}
        },
    }


def _problem_name(type_: str) -> str:
    return "".join(word.capitalize() for word in type_.split("-")) + "Problem"


def _problem_schema(type_: str) -> Schema:
    known = PROBLEM_TYPES[type_]
    errors = {"errors": FIELD_ERRORS} if type_ == "validation" else {}
    return {
        "type": "object",
        "description": f"{known.title}.",
        "required": ["type", "title", "status", "detail", "request_id", *known.members, *errors],
        "properties": {
            "type": {"const": f"/problems/{type_}"},
            "title": {"const": known.title},
            "status": {"const": known.status},
            "detail": {"type": "string"},
            "request_id": {"type": "string"},
            **known.members,
            **known.sometimes,
            **errors,
        },
    }
