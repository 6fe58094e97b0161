"""What comes with every answer: the app's pages, careful headers, caching, 404 and 405."""

import re
from functools import cache
from pathlib import Path

import pytest
from starlette.applications import Starlette

from app import main
from app.api import ENDPOINTS
from app.http import pages
from tests.support.application import Site, in_process
from tests.support.contract import SECURITY_HEADERS
from tests.support.rows import add_event

INDEX = '<html><app-root ngCspNonce="CSP_NONCE"></app-root><style nonce="CSP_NONCE"></style></html>'


@pytest.fixture
def folder(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the frontend is served from, whether or not the real one is built."""
    del site
    folder = tmp_path / "browser"
    monkeypatch.setattr(pages, "BUILT_FRONTEND", folder)
    serve_frontend_anew(monkeypatch)
    return folder


def serve_frontend_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    starlette = main.app.app
    assert isinstance(starlette, Starlette)
    monkeypatch.setattr(starlette.router, "default", pages.Frontend())
    monkeypatch.setattr(pages, "index", cache(pages.index.__wrapped__))


@pytest.fixture
def built(folder: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The API with a frontend of four files."""
    folder.mkdir()
    (folder / "index.html").write_text(INDEX)
    (folder / "main-PKL3YXH5.js").write_text("start()")
    (folder / "chunk-B7VF83QW.js").write_text("more()")
    (folder / "favicon.svg").write_text("<svg/>")
    serve_frontend_anew(monkeypatch)
    return site


async def test_until_the_frontend_is_built_a_page_says_where_the_api_is(
    folder: Path, site: Site
) -> None:
    del folder  # which is not there
    for path in ("/", "/bookings/7"):
        response = await site.nobody.get(path)
        assert (response.status_code, '<a href="/api/openapi.json">' in response.text) == (
            200,
            True,
        )
    assert (await site.nobody.get("/main-PKL3YXH5.js")).status_code == 404


async def test_every_page_of_the_app_is_its_index_with_a_fresh_nonce(built: Site) -> None:
    nonces = set()
    for path in (
        "/",
        "/index.html",
        "/bookings/7",
        "/bookings",
        "/admin/events/7/edit",
        "/no/such",
    ):
        response = await built.nobody.get(path)
        assert response.headers["content-type"] == "text/html; charset=utf-8", path
        assert response.headers["cache-control"] == "no-store"
        policy = response.headers["content-security-policy"]
        nonce = re.findall("'nonce-([^']+)'", policy)
        assert len(nonce) == 1
        assert response.text == INDEX.replace("CSP_NONCE", nonce[0])
        nonces.add(nonce[0])
    assert len(nonces) == 6
    assert all(len(nonce) >= 22 for nonce in nonces)


async def test_the_policy_of_the_app_lets_only_its_own_scripts_run(built: Site) -> None:
    policy = (await built.nobody.get("/")).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["script-src"] == "'self'"
    assert rules["default-src"] == "'self'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]+'", rules["style-src"])
    assert (rules["object-src"], rules["frame-ancestors"]) == ("'none'", "'none'")
    assert (rules["base-uri"], rules["form-action"]) == ("'self'", "'self'")
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_hashed_assets_last_a_year_and_others_are_asked_for_again(built: Site) -> None:
    for path, lasting in (
        ("/main-PKL3YXH5.js", "public, max-age=31536000, immutable"),
        ("/chunk-B7VF83QW.js", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "no-cache"),
    ):
        response = await built.nobody.get(path)
        assert (response.status_code, response.headers["cache-control"]) == (200, lasting), path
        tag = {"If-None-Match": response.headers["etag"]}
        again = await built.nobody.get(path, headers=tag)
        assert (again.status_code, again.headers["cache-control"]) == (304, lasting), path


async def test_an_asset_that_is_gone_is_404_and_no_page(built: Site) -> None:
    for path in (
        "/main-AAAAAAAA.js",
        "/chunk.css",
        "/assets/logo.png",
        "/../pyproject.toml",
    ):
        response = await built.nobody.get(path)
        assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found"), path


async def test_nothing_outside_the_frontend_is_served(built: Site) -> None:
    for path in (
        *("/%2e%2e/%2e%2e/pyproject.toml", "/..%2f..%2fpyproject.toml", "//etc/passwd", "/%00"),
        *("/%5c..%5c..%5cpyproject.toml", "/a%ff", f"/{'x' * 5_000}", "/....//pyproject.toml"),
    ):
        response = await built.nobody.get(path)
        assert response.status_code in {200, 404}
        assert "marquee" not in response.text.lower(), path
        assert "root:" not in response.text


async def test_everything_else_under_api_is_a_404_problem(site: Site) -> None:
    for path in (
        *("/api", "/api/", "/api/nothing", "/api/events/", "/api/Events", "/api/v1/events"),
        *("/api/bookings/1/tickets", "/api/admin", "/api/tickets", "/api/index.html", "/api/%00"),
    ):
        for method in ("GET", "POST", "DELETE"):
            response = await site.nobody.send(method, path)
            assert response.status_code in {404, 405}, (method, path)
            assert response.headers["content-type"] == "application/problem+json", path
        assert (await site.nobody.get(path)).json()["type"] == "/problems/not-found", path


async def test_a_405_names_every_method_of_the_path(site: Site) -> None:
    methods: dict[str, set[str]] = {}
    for endpoint in ENDPOINTS:
        path = f"/api{endpoint.path}".format(id=1, code="x")
        methods.setdefault(path, set()).add(endpoint.method)
    for path in ("/", "/events/7", "/healthz", "/readyz", "/api/docs", "/api/openapi.json"):
        methods[path] = {"GET"}
    for path, allowed in methods.items():
        expected = allowed | ({"HEAD"} if "GET" in allowed else set())
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - expected:
            response = await site.nobody.send(method, path)
            assert (response.status_code, response.json()["type"]) == (
                405, "/problems/method-not-allowed",
            ), (method, path)  # fmt: skip
            assert {*response.headers["allow"].split(", ")} == expected, (method, path)


async def test_head_answers_as_get_does(site: Site) -> None:
    event, admin = add_event(site.db), site.admin()
    files = [f"/api/bookings/event/{event}.{kind}" for kind in ("csv", "xlsx")]
    for path in (
        *("/api/events", f"/api/events/{event}", "/api/users", *files, "/healthz", "/readyz"),
    ):
        get, head = await admin.get(path), await admin.send("HEAD", path)
        assert head.status_code == get.status_code == 200
        for name in ("type", "length", "disposition"):
            assert head.headers.get(f"content-{name}") == get.headers.get(f"content-{name}")
        for name in ("cache-control", "etag"):
            assert head.headers.get(name) == get.headers.get(name)
    assert (await site.nobody.send("HEAD", "/api/users")).status_code == 401


async def test_careful_headers_are_on_errors_of_the_program_too(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    async with in_process(database_url, raising=False) as client:
        monkeypatch.setattr(pages.Frontend, "get_response", broken)
        response = await client.get("/bookings")
    assert response.status_code == 500
    assert response.headers.items() >= SECURITY_HEADERS.items()


async def test_the_description_of_the_api_runs_no_script_of_others(site: Site) -> None:
    response = await site.nobody.get("/api/docs")
    assert response.headers["content-security-policy"].count("script-src 'self';") == 1
    assert not re.search(r"https?://|<script>|onload=|style=", response.text)
    assert {*re.findall(r'(?:src|href)="([^"]+)"', response.text)} >= {"/api-docs/start.js"}


async def test_https_is_insisted_on_only_where_it_is_used(
    sites: list[Site],
) -> None:
    behind_proxy, direct = sites
    ana = behind_proxy.customer()
    https = {"X-Forwarded-Proto": "https"}
    for path in ("/api/events", "/", "/api/nothing", "/healthz"):
        response = await behind_proxy.nobody.get(path, headers=https)
        assert response.headers["strict-transport-security"] == (
            "max-age=31536000; includeSubDomains"
        )
        for answer in (
            await behind_proxy.nobody.get(path),
            await direct.nobody.get(path, headers=https),
        ):
            assert "strict-transport-security" not in answer.headers
    signed_out = await behind_proxy.caller(ana.person).delete(
        "/api/sessions/current", headers=https
    )
    assert signed_out.headers["set-cookie"].endswith("; Secure")
    signed_out = await direct.caller(ana.person).delete("/api/sessions/current", headers=https)
    assert "Secure" not in signed_out.headers["set-cookie"]


async def test_the_server_does_not_say_what_it_is_made_of(sites: list[Site]) -> None:
    for path in ("/", "/api/events", "/api/nothing"):
        headers = (await sites[0].nobody.get(path)).headers
        assert "server" not in headers
        assert "x-powered-by" not in headers
