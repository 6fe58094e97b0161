"""The table in app/api.md has every call and its roles."""

import re

from starlette.applications import Starlette
from starlette.routing import Route

from app.api import ENDPOINTS
from app.http.identity import Who
from app.local.paths import ROOT
from app.main import app

ROW = re.compile(r"^\| `([A-Z]+) (/\S*)` \| ([^|]+) \|", re.MULTILINE)
TABLE = (ROOT / "app" / "api.md").read_text()
TOLD = {(method, path): who for method, path, who in ROW.findall(TABLE)}
WORDS = {
    Who.ANYONE: {"anyone"},
    Who.SIGNED_IN: {"signed in", "its customer, admin", "that user, admin"},
    Who.ADMIN: {"admin"},
}


def test_the_table_has_every_call() -> None:
    starlette = app.app
    assert isinstance(starlette, Starlette)
    routes = [route for route in starlette.routes if isinstance(route, Route)]
    served = {
        (method, route.path.replace(":int", ""))
        for route in routes
        for method in route.methods or ()
    }
    assert TOLD.keys() == {(method, path) for method, path in served if method != "HEAD"}


def test_the_table_names_the_roles_of_every_call() -> None:
    for endpoint in ENDPOINTS:
        who, _, _ = TOLD[endpoint.method, f"/api{endpoint.path}"].partition(", `")
        assert who in WORDS[endpoint.who], f"{endpoint.method} {endpoint.path}"


def test_the_table_names_the_scopes_of_every_call() -> None:
    for endpoint in ENDPOINTS:
        if endpoint.who is not Who.ANYONE:
            scopes = re.findall("`([^`]+)`", TOLD[endpoint.method, f"/api{endpoint.path}"])
            assert scopes == [*endpoint.admits.scopes], f"{endpoint.method} {endpoint.path}"
