"""What the links in mails do: they verify an address, or end mail that is not essential.

Opening a link changes nothing: programs that look for harmful links open them as well. The page
that a link leads to has a button.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.http.body_limits import read_limited
from app.http.endpoints import endpoint
from app.http.fields import MAX_TOKEN_LENGTH, Input, LinkToken
from app.http.identity import Who, token_hash
from app.http.inputs import Body
from app.http.pages import AppPage, app_page
from app.http.problems import Problem
from app.http.services import Services, services_of


class Verification(Input):
    """The link that verifies a mail address."""

    token: LinkToken


class Unsubscription(Input):
    """The link that ends mail which is not essential."""

    token: LinkToken


@endpoint("POST", "/email-verifications", who=Who.ANYONE, status=204, problems=("link-not-valid",))
async def verify_email(services: Services, body: Body[Verification]) -> None:
    """Verify the mail address that a link was sent to. A link is valid once, for two days."""
    if not await services.database.value("verify_email", token_hash=token_hash(body.token)):
        raise Problem("link-not-valid")


@endpoint("POST", "/unsubscriptions", who=Who.ANYONE, status=204, problems=("link-not-valid",))
async def unsubscribe(services: Services, body: Body[Unsubscription]) -> None:
    """End reminders and messages by mail. The link stays valid for 90 days."""
    await _unsubscribe(services, body.token)


async def unsubscribe_at_once(request: Request) -> Response:
    """End such mail for a mail program, which sends a form here (RFC 8058).

    Mail programs have no session and may say that another site made them send it. The token in the
    address is what they prove themselves with.
    """
    await read_limited(request)
    await _unsubscribe(
        services_of(request), request.query_params.get("token", "")[:MAX_TOKEN_LENGTH]
    )
    return PlainTextResponse("You are unsubscribed.\n", headers={"Cache-Control": "no-store"})


async def link_page(request: Request) -> Response:
    """Answer with the page of the app that a link in a mail leads to.

    What the page loads is not told its address, which may hold the token.
    """
    page = app_page(request.scope, AppPage())
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


async def _unsubscribe(services: Services, token: str) -> None:
    if not await services.database.value("unsubscribe", token_hash=token_hash(token)):
        raise Problem("link-not-valid")


async def _unsubscribe_page(request: Request) -> Response:
    return await (unsubscribe_at_once if request.method == "POST" else link_page)(request)


ROUTES = [
    Route("/unsubscribe", _unsubscribe_page, methods=["GET", "POST"]),
    Route("/verify-email", link_page),
    Route("/reset-password", link_page),
]
