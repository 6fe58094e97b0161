"""The Angular app: its files, and its page for every other path, so that deep links work."""

import secrets
from pathlib import PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.paths import FRONTEND

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
NOT_BUILT = """<!doctype html><html lang="en"><title>Marquee</title>
<h1>Marquee</h1>
<p>The frontend is not built. The API is at <a href="/api/docs">/api/docs</a>.</p>"""


class Frontend(StaticFiles):
    """Serves the built frontend."""

    def __init__(self) -> None:
        super().__init__(directory=FRONTEND, check_dir=False)
        index = FRONTEND / "index.html"
        self._index = index.read_text() if index.is_file() else NOT_BUILT

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or the app's page where there is none."""
        if path in {".", "index.html"}:
            return self._page()
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            # A name with an extension is a file that is gone, not a page of the app.
            if error.status_code != 404 or PurePosixPath(path).suffix:
                raise
            return self._page()
        hashed = len(PurePosixPath(path).stem.rpartition("-")[2]) == 8
        lasting = "public, max-age=31536000, immutable" if hashed else "no-cache"
        response.headers["Cache-Control"] = lasting
        return response

    def _page(self) -> Response:
        nonce = secrets.token_urlsafe(16)
        return HTMLResponse(
            self._index.replace(NONCE, nonce),
            headers={
                "Content-Security-Policy": POLICY.format(nonce=nonce),
                "Cache-Control": "no-store",
            },
        )
