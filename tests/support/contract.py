"""Checks every answer against the OpenAPI document, and records what was tested."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from jsonschema import Draft202012Validator

from app.api import ENDPOINTS
from app.http.openapi import document
from app.http.problem_types import PROBLEM_TYPES
from app.http.problems import MEDIA_TYPE

Schema = Mapping[str, Any]

DOCUMENT: Schema = document(ENDPOINTS)
SCHEMAS: Mapping[str, Schema] = DOCUMENT["components"]["schemas"]
# The paths that the document does not describe.
UNDOCUMENTED = {"/api/openapi.json", "/api/docs"}
# Problems of any endpoint when something else fails: one answer of each is enough.
ANYWHERE = {"internal", "busy", "database-away"}
# Problems that are answered before the operation is known.
BEFORE_OPERATIONS = {"/problems/wrong-host", "/problems/malformed-request"}

FRAMED = re.compile("/mails/[^/]+/html")
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# What these pages load is not told their address, which holds the secret of a link.
MAIL_PAGES = {"/unsubscribe", "/verify-email", "/reset-password"}
PROBLEM_KEYS = {"type", "title", "status", "detail", "request_id"}


@dataclass
class Seen:
    """The parts of the document that this run has tested."""

    schemas: set[str] = field(default_factory=set)
    answers: set[tuple[str, str]] = field(default_factory=set)  # operation, status
    problems: set[tuple[str, str]] = field(default_factory=set)  # operation, type


seen = Seen()


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    name: str
    responses: Schema


def operation(method: str, path: str) -> Operation | None:
    """Return the operation of a request, or None for an unknown path or method."""
    for template, item in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            method = "get" if method == "HEAD" else method.lower()
            if method not in item:
                return None
            return Operation(item[method]["operationId"], item[method]["responses"])
    return None


async def check(response: httpx2.Response) -> None:
    """Fail unless the document and the rules for all answers allow this answer."""
    path = response.request.url.path
    is_mail_page = path in MAIL_PAGES and response.request.method in {"GET", "HEAD"}
    own = {"referrer-policy": "no-referrer"} if is_mail_page else {}
    for name, value in (SECURITY_HEADERS | own).items():
        assert response.headers[name] == value, f"{name} of {path}"
    # Only a page of a developer's machine is framed, by another such page.
    policy = response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy or (
        FRAMED.fullmatch(path) and "frame-ancestors 'self'" in policy
    )
    assert re.fullmatch("[0-9a-f]{16}", response.headers["x-request-id"])
    if response.headers.get("content-type") == MEDIA_TYPE:
        await response.aread()
        _check_problem(response)
        if response.content and response.json()["type"] in BEFORE_OPERATIONS:
            return
    if path.startswith("/api/") and path not in UNDOCUMENTED:
        _check_caching(response)
        called = operation(response.request.method, path)
        if called is None:
            assert response.status_code in {404, 405}, f"{path} is not in the document"
        else:
            await _check_answer(called, response)


def _check_problem(response: httpx2.Response) -> None:
    assert response.headers["cache-control"] == "no-store"
    if response.request.method == "HEAD":
        return
    problem = response.json()
    type_ = PROBLEM_TYPES[problem["type"].removeprefix("/problems/")]
    assert problem.keys() >= PROBLEM_KEYS
    assert (problem["status"], problem["title"]) == (response.status_code, type_.title)
    assert response.status_code == type_.status
    assert problem["request_id"] == response.headers["x-request-id"]
    # The content of rows and the internals of the server must not be revealed.
    assert not re.search(r"Key \(|Failing row|Traceback|asyncpg|psycopg", response.text)


def _check_caching(response: httpx2.Response) -> None:
    revalidated = response.status_code == 304 or "etag" in response.headers
    read = response.request.method in {"GET", "HEAD"}
    expected = "no-cache" if revalidated and read else "no-store"
    assert response.headers["cache-control"] == expected


async def _check_answer(called: Operation, response: httpx2.Response) -> None:
    status = str(response.status_code)
    assert status in called.responses, f"{called.name} answered {status}: not documented"
    declared = called.responses[status]
    seen.answers.add((called.name, status))
    _check_headers(called, declared, response)
    if "content" not in declared:
        await response.aread()
        assert response.content == b""
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in declared["content"], f"{called.name} answered {media_type}"
    if media_type.endswith("json") and response.request.method != "HEAD":
        await response.aread()
        content = response.json()
        schema = declared["content"][media_type]["schema"]
        errors = [*_validator(schema).iter_errors(content)]
        assert not errors, f"{called.name} {status}: {errors[0].json_path} {errors[0].message}"
        seen.schemas |= set(_used(schema, content))
        if media_type == MEDIA_TYPE:
            seen.problems.add((called.name, content["type"].removeprefix("/problems/")))


def _check_headers(called: Operation, declared: Schema, response: httpx2.Response) -> None:
    for name, header in declared.get("headers", {}).items():
        value = response.headers.get(name)
        if value is None:
            assert name == "Idempotent-Replayed", f"{called.name} answered without {name}"
        else:
            Draft202012Validator(header["schema"]).validate(value)
    for name in ("location", "etag", "set-cookie", "idempotent-replayed"):
        if name in response.headers and response.status_code != 304:
            documented = {name.lower() for name in declared.get("headers", {})}
            assert name in documented, f"{called.name} has an undocumented {name}"


_validators: dict[int, Draft202012Validator] = {}


def _validator(schema: Schema) -> Draft202012Validator:
    """Return the validator of a part of the document, cached because making one is slow."""
    if id(schema) not in _validators:
        whole = {**schema, "components": {"schemas": SCHEMAS}}
        _validators[id(schema)] = Draft202012Validator(whole)
    return _validators[id(schema)]


def _used(schema: Schema, content: object) -> Iterator[str]:
    """Yield the names of all schemas that describe this content."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        yield name
        yield from _used(SCHEMAS[name], content)
    for choice in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        if _validator(choice).is_valid(content):
            yield from _used(choice, content)
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _used(schema.get("properties", {}).get(key, {}), value)
    if isinstance(content, list):
        for item in content:
            yield from _used(schema.get("items", {}), item)


def answers_to_see() -> set[tuple[str, str]]:
    """Return each operation with each of its successful statuses."""
    return {
        (item["operationId"], status)
        for path in DOCUMENT["paths"].values()
        for item in path.values()
        for status, response in item["responses"].items()
        if MEDIA_TYPE not in response.get("content", {})
    }


def problems_to_see() -> set[tuple[str, str]]:
    """Return each operation with each of its own problem types."""
    found = set()
    for path in DOCUMENT["paths"].values():
        for item in path.values():
            for response in item["responses"].values():
                schema = response.get("content", {}).get(MEDIA_TYPE, {}).get("schema", {})
                for choice in schema.get("oneOf", [schema] if schema else []):
                    name = choice["$ref"].rpartition("/")[2]
                    type_ = SCHEMAS[name]["properties"]["type"]["const"]
                    found.add((item["operationId"], type_.removeprefix("/problems/")))
    return {(name, type_) for name, type_ in found if type_ not in ANYWHERE}


def schemas_to_see() -> set[str]:
    """Return the names of all schemas of answers, including problems."""
    found: set[str] = set()
    waiting: list[object] = [
        response.get("content", {})
        for path in DOCUMENT["paths"].values()
        for item in path.values()
        for response in item["responses"].values()
    ]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += part.values()
            if (name := str(part.get("$ref", "")).rpartition("/")[2]) and name not in found:
                found.add(name)
                waiting.append(SCHEMAS[name])
        elif isinstance(part, list):
            waiting += part
    return found
