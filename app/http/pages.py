"""The Angular app: its files, and its page for every other path, so that deep links work."""

import secrets
from pathlib import PurePosixPath
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.paths import BUILT_FRONTEND

# What stands in index.html as ngCspNonce; each answer gets a nonce of its own.
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
        "base-uri 'self'",
        "form-action 'self'",
    )
)
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
<link rel="stylesheet" href="/api-docs/swagger-ui.css">
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
        return _page(DOCUMENTATION)

    return [Route("/api/openapi.json", openapi_json), Route("/api/docs", docs)]


def _page(html: str) -> Response:
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(
        html.replace(NONCE, nonce),
        headers={
            "Content-Security-Policy": POLICY.format(nonce=nonce),
            "Cache-Control": "no-store",
        },
    )


class Frontend(StaticFiles):
    """Serves the built frontend."""

    def __init__(self) -> None:
        super().__init__(directory=BUILT_FRONTEND, check_dir=False)
        # Not at the first request either: it may not be built yet.
        self.config_checked = True
        index = BUILT_FRONTEND / "index.html"
        self._index = index.read_text() if index.is_file() else NOT_BUILT

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or the app's page where there is none."""
        # A path that is no call of the API is no page of the app either.
        if PurePosixPath(path).parts[:1] == ("api",):
            raise HTTPException(404)
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if path in {".", "index.html"}:
            return _page(self._index)
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            # A name with an extension is a file that is gone, not a page of the app.
            if error.status_code != 404 or PurePosixPath(path).suffix:
                raise
            return _page(self._index)
        hashed = len(PurePosixPath(path).stem.rpartition("-")[2]) == 8
        lasting = "public, max-age=31536000, immutable" if hashed else "no-cache"
        response.headers["Cache-Control"] = lasting
        if path == WORKER:
            response.headers["Content-Security-Policy"] = WORKER_POLICY
        return response
