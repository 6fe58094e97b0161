"""Pages of the app, security headers, caching, and the answers 404 and 405."""

import re
from functools import cache
from pathlib import Path

import pytest
from starlette.applications import Starlette

from app import main
from app.api import ENDPOINTS
from app.http import middleware, pages
from tests.support.application import Api, in_process
from tests.support.contract import SECURITY_HEADERS
from tests.support.rows import add_event

INDEX = '<html><app-root ngCspNonce="CSP_NONCE"></app-root><style nonce="CSP_NONCE"></style></html>'


@pytest.fixture
def folder(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the frontend, whether or not the real one is built."""
    del api
    folder = tmp_path / "browser"
    monkeypatch.setattr(pages, "BUILT_FRONTEND", folder)
    rebuild_frontend(monkeypatch)
    return folder


def rebuild_frontend(monkeypatch: pytest.MonkeyPatch) -> None:
    starlette = main.app.app
    assert isinstance(starlette, Starlette)
    monkeypatch.setattr(starlette.router, "default", pages.Frontend())
    monkeypatch.setattr(pages, "index", cache(pages.index.__wrapped__))


@pytest.fixture
def built(folder: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The API with a frontend of a few files."""
    folder.mkdir()
    (folder / "index.html").write_text(INDEX)
    (folder / "main-PKL3YXH5.js").write_text("start()")
    (folder / "chunk-B7VF83QW.js").write_text("more()")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "service-worker.js").write_text("install()")
    (folder / "site.webmanifest").write_text("{}")
    rebuild_frontend(monkeypatch)
    return api


async def test_a_page_names_the_api_until_the_frontend_is_built(folder: Path, api: Api) -> None:
    del folder  # This file does not exist.
    for path in ("/", "/bookings/7"):
        response = await api.anonymous.get(path)
        assert (response.status_code, '<a href="/api/openapi.json">' in response.text) == (
            200,
            True,
        )
    assert (await api.anonymous.get("/main-PKL3YXH5.js")).status_code == 404


async def test_every_page_is_the_index_with_a_fresh_nonce(built: Api) -> None:
    nonces = set()
    for path in (
        "/",
        "/index.html",
        "/bookings/7",
        "/bookings",
        "/admin/events/7/edit",
        "/no/such",
    ):
        response = await built.anonymous.get(path)
        assert response.headers["content-type"] == "text/html; charset=utf-8", path
        assert response.headers["cache-control"] == "no-store"
        policy = response.headers["content-security-policy"]
        nonce = re.findall("'nonce-([^']+)'", policy)
        assert len(nonce) == 1
        assert response.text == INDEX.replace("CSP_NONCE", nonce[0])
        nonces.add(nonce[0])
    assert len(nonces) == 6
    assert all(len(nonce) >= 22 for nonce in nonces)


async def test_the_content_security_policy_allows_own_scripts_only(built: Api) -> None:
    policy = (await built.anonymous.get("/")).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["script-src"] == "'self'"
    assert rules["default-src"] == "'self'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]+'", rules["style-src"])
    assert (rules["object-src"], rules["frame-ancestors"]) == ("'none'", "'none'")
    assert (rules["base-uri"], rules["form-action"]) == ("'none'", "'self'")
    assert rules["require-trusted-types-for"] == "'script'"
    assert rules["trusted-types"] == "angular marquee"
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_hashed_assets_are_cached_and_others_are_revalidated(built: Api) -> None:
    for path, lasting in (
        ("/main-PKL3YXH5.js", "public, max-age=31536000, immutable"),
        ("/chunk-B7VF83QW.js", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "no-cache"),
        ("/service-worker.js", "no-cache"),
        ("/site.webmanifest", "no-cache"),
    ):
        response = await built.anonymous.get(path)
        assert (response.status_code, response.headers["cache-control"]) == (200, lasting), path
        tag = {"If-None-Match": response.headers["etag"]}
        again = await built.anonymous.get(path, headers=tag)
        assert (again.status_code, again.headers["cache-control"]) == (304, lasting), path


async def test_files_of_text_name_their_encoding(built: Api) -> None:
    for path, media_type in (
        ("/favicon.svg", "image/svg+xml"),
        ("/main-PKL3YXH5.js", "text/javascript"),
    ):
        response = await built.anonymous.get(path)
        assert response.headers["content-type"] == f"{media_type}; charset=utf-8", path


async def test_only_the_service_worker_may_fetch_the_apps_files(built: Api) -> None:
    for path, policy in (
        ("/service-worker.js", pages.WORKER_POLICY),
        ("/main-PKL3YXH5.js", middleware.API_POLICY),
    ):
        response = await built.anonymous.get(path)
        assert response.headers["content-security-policy"] == policy, path


async def test_a_missing_asset_is_404_and_not_the_index(built: Api) -> None:
    for path in (
        "/main-AAAAAAAA.js",
        "/chunk.css",
        "/assets/logo.png",
        "/../pyproject.toml",
    ):
        response = await built.anonymous.get(path)
        assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found"), path


async def test_files_outside_the_frontend_are_not_served(built: Api) -> None:
    for path in (
        *("/%2e%2e/%2e%2e/pyproject.toml", "/..%2f..%2fpyproject.toml", "//etc/passwd", "/%00"),
        *("/%5c..%5c..%5cpyproject.toml", "/a%ff", f"/{'x' * 5_000}", "/....//pyproject.toml"),
    ):
        response = await built.anonymous.get(path)
        assert response.status_code in {200, 404}
        assert "marquee" not in response.text.lower(), path
        assert "root:" not in response.text


async def test_unknown_paths_under_api_are_404_problems(api: Api) -> None:
    for path in (
        *("/api", "/api/", "/api/nothing", "/api/events/", "/api/Events", "/api/v1/events"),
        *("/api/bookings/1/tickets", "/api/admin", "/api/tickets", "/api/index.html", "/api/%00"),
    ):
        for method in ("GET", "POST", "DELETE"):
            response = await api.anonymous.send(method, path)
            assert response.status_code in {404, 405}, (method, path)
            assert response.headers["content-type"] == "application/problem+json", path
        assert (await api.anonymous.get(path)).json()["type"] == "/problems/not-found", path


async def test_a_405_names_every_method_of_the_path(api: Api) -> None:
    methods: dict[str, set[str]] = {}
    for endpoint in ENDPOINTS:
        path = f"/api{endpoint.path}".format(id=1, code="x", secret="x")
        methods.setdefault(path, set()).add(endpoint.method)
    for path in ("/", "/events/7", "/healthz", "/readyz", "/api/docs", "/api/openapi.json"):
        methods[path] = {"GET"}
    for path, allowed in methods.items():
        expected = allowed | ({"HEAD"} if "GET" in allowed else set())
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - expected:
            response = await api.anonymous.send(method, path)
            assert (response.status_code, response.json()["type"]) == (
                405, "/problems/method-not-allowed",
            ), (method, path)  # fmt: skip
            assert {*response.headers["allow"].split(", ")} == expected, (method, path)


async def test_head_answers_as_get_does(api: Api) -> None:
    event, admin = add_event(api.db), api.admin()
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
    assert (await api.anonymous.send("HEAD", "/api/users")).status_code == 401


async def test_internal_errors_have_the_security_headers(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    async with in_process(database_url, raising=False) as client:
        monkeypatch.setattr(pages.Frontend, "get_response", broken)
        response = await client.get("/bookings")
    assert response.status_code == 500
    assert response.headers.items() >= SECURITY_HEADERS.items()


async def test_the_api_docs_page_runs_no_foreign_script(api: Api) -> None:
    response = await api.anonymous.get("/api/docs")
    assert response.headers["content-security-policy"].count("script-src 'self';") == 1
    assert not re.search(r"https?://|<script>|onload=|style=", response.text)
    assert {*re.findall(r'(?:src|href)="([^"]+)"', response.text)} >= {"/api-docs/start.js"}


async def test_hsts_is_sent_over_https_only(
    two_apis: list[Api],
) -> None:
    behind_proxy, direct = two_apis
    ana = behind_proxy.customer()
    https = {"X-Forwarded-Proto": "https"}
    for path in ("/api/events", "/", "/api/nothing", "/healthz"):
        response = await behind_proxy.anonymous.get(path, headers=https)
        assert response.headers["strict-transport-security"] == (
            "max-age=31536000; includeSubDomains"
        )
        for answer in (
            await behind_proxy.anonymous.get(path),
            await direct.anonymous.get(path, headers=https),
        ):
            assert "strict-transport-security" not in answer.headers
    signed_out = await behind_proxy.caller(ana.person).delete(
        "/api/sessions/current", headers=https
    )
    assert signed_out.headers["set-cookie"].endswith("; Secure")
    signed_out = await direct.caller(ana.person).delete("/api/sessions/current", headers=https)
    assert "Secure" not in signed_out.headers["set-cookie"]


async def test_answers_do_not_name_the_server_software(two_apis: list[Api]) -> None:
    for path in ("/", "/api/events", "/api/nothing"):
        headers = (await two_apis[0].anonymous.get(path)).headers
        assert "server" not in headers
        assert "x-powered-by" not in headers
