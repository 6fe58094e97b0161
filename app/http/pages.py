"""The Angular app: its files, and its page for every other path, so that deep links work."""

import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.http.compression import accepted_codings, compress, vary_by_coding
from app.paths import BUILT_FRONTEND

# How the build names compressed files, the smallest first.
CODINGS = {"br": ".br", "gzip": ".gz"}
# The placeholder in index.html (ngCspNonce). Each answer gets a new nonce instead.
NONCE = "CSP_NONCE"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
# A text cannot become a script: the browser refuses it unless one of these policies made it. The
# first is Angular's, which takes nothing that people wrote; the second is in frontend/src/main.ts.
TRUSTED_TYPES = "; require-trusted-types-for 'script'; trusted-types angular marquee"
# The service worker fetches the app's files; every other file keeps the policy that allows nothing.
WORKER = "service-worker.js"
WORKER_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
NOT_BUILT = """<!doctype html><html lang="en"><title>Marquee</title>
<h1>Marquee</h1>
<p>The frontend is not built: <code>make run</code> and <code>make build</code> do that.
The API is described at <a href="/api/openapi.json">/api/openapi.json</a>.</p>"""


DOCUMENTATION = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Marquee API</title>
<link rel="icon" href="/favicon.svg">
<script src="/theme.js"></script>
<link rel="stylesheet" href="/api-docs/swagger-ui.css">
<link rel="stylesheet" href="/api-docs/look.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api-docs/swagger-ui-bundle.js"></script>
<script src="/api-docs/start.js"></script>
</body>
</html>
"""


def documentation(document: dict[str, Any]) -> list[Route]:
    """Return the routes of the API's description: the document, and a page to read and try it."""
    written = orjson.dumps(document)

    async def openapi_json(request: Request) -> Response:
        return Response(written, media_type="application/json")

    async def docs(request: Request) -> Response:
        # Swagger UI writes HTML as text, so this page cannot have Trusted Types.
        return page_response(DOCUMENTATION, request.scope, policy=POLICY)

    return [Route("/api/openapi.json", openapi_json), Route("/api/docs", docs)]


@dataclass(frozen=True)
class AppPage:
    """What the server adds to the app's page: HTML for its head, and to see until the app runs."""

    head: str = "<title>Marquee</title>"
    content: str = ""


@cache
def index() -> str:
    """Return the app's page as it was built, or one that says how to build it."""
    built = BUILT_FRONTEND / "index.html"
    return built.read_text() if built.is_file() else NOT_BUILT


def stylesheets() -> str:
    """Return the links to the app's styles, for a page that is not part of the app."""
    return "".join(re.findall(r'<link rel="stylesheet"[^>]*>', index()))


def app_page(scope: Scope, page: AppPage, status: int = 200) -> Response:
    """Return the app's page with what the server adds to it."""
    html = index().replace(AppPage.head, page.head, 1)
    return page_response(html.replace("</main>", f"{page.content}</main>", 1), scope, status)


def page_response(
    html: str, scope: Scope, status: int = 200, *, policy: str = POLICY + TRUSTED_TYPES
) -> Response:
    """Return a page with the policy of the app's page, and a nonce for its styles."""
    nonce = secrets.token_urlsafe(16)
    response = HTMLResponse(
        html.replace(NONCE, nonce),
        status,
        headers={
            "Content-Security-Policy": policy.format(nonce=nonce),
            "Cache-Control": "no-store",
        },
    )
    return compress(response, Headers(scope=scope))


class Frontend(StaticFiles):
    """Serves the built frontend."""

    def __init__(self) -> None:
        super().__init__(directory=BUILT_FRONTEND, check_dir=False)
        # Not at the first request either: it may not be built yet.
        self.config_checked = True
        found = BUILT_FRONTEND.rglob("*") if BUILT_FRONTEND.is_dir() else ()
        self._files = frozenset(str(file.relative_to(BUILT_FRONTEND)) for file in found)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or the app's page where there is none."""
        # A path that is no call of the API is no page of the app either.
        if PurePosixPath(path).parts[:1] == ("api",):
            raise HTTPException(404)
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if path == "index.html":
            return app_page(scope, AppPage())
        try:
            response = await self._file(path, scope)
        except HTTPException as error:
            # A name with an extension is a file that is gone, not a page of the app.
            if error.status_code != 404 or PurePosixPath(path).suffix:
                raise
            return app_page(scope, AppPage())
        hashed = len(PurePosixPath(path).stem.rpartition("-")[2]) == 8
        lasting = "public, max-age=31536000, immutable" if hashed else "no-cache"
        response.headers["Cache-Control"] = lasting
        if response.headers.get("Content-Type") == "image/svg+xml":
            response.headers["Content-Type"] = "image/svg+xml; charset=utf-8"
        if path == WORKER:
            response.headers["Content-Security-Policy"] = WORKER_POLICY
        return response

    async def _file(self, path: str, scope: Scope) -> Response:
        """Return a file, in the smallest form that the client accepts."""
        accepted = accepted_codings(Headers(scope=scope))
        for coding, ending in CODINGS.items():
            if coding in accepted and path + ending in self._files:
                response = await super().get_response(path + ending, scope)
                response.headers["Content-Encoding"] = coding
                break
        else:
            response = await super().get_response(path, scope)
        vary_by_coding(response.headers)
        return response
