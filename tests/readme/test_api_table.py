"""The README's table of the API: every call there is, and who may make it."""

import re

from starlette.applications import Starlette
from starlette.routing import Route

from app.api import ENDPOINTS
from app.local.paths import ROOT
from app.main import app

ROW = re.compile(r"^\| `([A-Z]+) (/\S+)` \| ([^|]+) \|", re.MULTILINE)
TOLD = {(method, path): who for method, path, who in ROW.findall((ROOT / "README.md").read_text())}


def test_the_table_has_every_call() -> None:
    starlette = app.app
    assert isinstance(starlette, Starlette)
    routes = [route for route in starlette.routes if isinstance(route, Route)]
    served = {(method, route.path) for route in routes for method in route.methods or ()}
    assert TOLD.keys() == {(method, path) for method, path in served if method != "HEAD"}


def test_the_table_says_who_may() -> None:
    for endpoint in ENDPOINTS:
        who = TOLD[endpoint.method, f"/api{endpoint.path}"]
        needs = [name for name in ("admin", "user") if name in endpoint.parameters]
        allowed = {
            "admin": {"admin"},
            "user": {"signed in", "its customer, admin", "that user, admin"},
        }
        expected = allowed[needs[0]] if needs else {"anyone"}
        assert who in expected, f"{endpoint.method} {endpoint.path}"
