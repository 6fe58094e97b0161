"""The refusal of requests that the page of another site makes a browser send (CSRF).

A browser says in Origin and Sec-Fetch-Site which page made it send a request; no page can change
these headers. See https://web.dev/articles/fetch-metadata.
"""

from starlette.requests import Request

from app.http.problems import Problem
from app.settings import Settings


def refuse_cross_site(request: Request, settings: Settings) -> None:
    """Raise Problem if another site made a browser send this; other clients send no such headers.

    Without PUBLIC_URL, Origin is checked only where Sec-Fetch-Site is missing: a proxy may have
    changed Host, or ended TLS without saying so.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    allowed = site in {None, "same-origin", "none"}
    if origin is not None and (settings.public_url is not None or site is None):
        allowed &= origin == (settings.public_url or _own_origin(request))
    if not allowed:
        raise Problem("cross-site-request", "Send it from a page of this site.")


def _own_origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host')}"
