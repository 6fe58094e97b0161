"""Webhooks: programs that are told of facts. For admins only."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import asyncpg
from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from app.addresses import is_loopback, is_public
from app.api.shapes import IdempotencyHeaders
from app.http.endpoints import Reply, endpoint
from app.http.fields import MAX_ID, Id, Input, Output, TimeOutput
from app.http.identity import SignedIn, Who
from app.http.inputs import Body, Headers
from app.http.problems import Problem
from app.http.services import Services

# The same as webhook_types() in sql/types.sql.
WebhookType = Literal[
    "booking.confirmed",
    "booking.cancelled",
    "ticket.admitted",
    "event.created",
    "event.changed",
    "event.cancelled",
    "event.completed",
    "event.message-sent",
    "user.created",
    "user.changed",
    "user.erased",
    "webhook.created",
    "webhook.changed",
    "webhook.deleted",
    "webhook.replayed",
    "token.created",
    "token.revoked",
    "customer.notice",
    "phone.code",
]


def _reachable(url: str, info: ValidationInfo) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port == 0:
        raise ValueError("must be an address like https://hooks.example.org/marquee")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or a password")
    if "#" in url:
        raise ValueError("must not hold a #: receivers are not sent what follows it")
    if (info.context or {}).get("private_addresses"):
        return url
    if _is_private(host):
        raise ValueError(
            "must not be this machine or a private network, unless the server is started with"
            " WEBHOOK_PRIVATE_ADDRESSES=true"
        )
    if parts.scheme != "https":
        raise ValueError("must begin with https://, because messages can hold phone numbers")
    return url


def _is_private(host: str) -> bool:
    """Say whether a host is private as it is written; a name is looked up at each attempt."""
    try:
        return not is_public(host)
    except ValueError:
        return is_loopback(host)


def _once_each(types: list[WebhookType]) -> list[WebhookType]:
    if len(set(types)) < len(types):
        raise ValueError("must name each type once")
    return types


WebhookUrl = Annotated[
    str,
    StringConstraints(max_length=2000, pattern=r"^https?://[!-~]+$"),
    AfterValidator(_reachable),
    Field(
        description="Where messages are posted to.", examples=["https://hooks.example.org/marquee"]
    ),
]
WebhookTypes = Annotated[
    list[WebhookType],
    AfterValidator(_once_each),
    Field(
        description="Which facts are sent. Empty: every type but customer.notice and phone.code,"
        " which hold phone numbers and are sent only where they are named."
    ),
]
WebhookEvent = Annotated[
    int | None, Field(ge=1, le=MAX_ID, description="Only facts of this event; null: of all.")
]


class NewWebhook(Input):
    """A webhook that an admin creates."""

    url: WebhookUrl
    types: Annotated[WebhookTypes, Field(default_factory=list)]
    event_id: WebhookEvent = None


class EditedWebhook(Input):
    """All fields of a webhook as they should become."""

    url: WebhookUrl
    types: WebhookTypes
    event_id: WebhookEvent
    enabled: bool = Field(description="Whether anything is sent to it.")


class Webhook(Output):
    """A program that is told of facts by POST requests (Standard Webhooks 1.0.0)."""

    id: Id
    url: str
    types: list[WebhookType] = Field(
        description="Empty: every type but customer.notice and phone.code."
    )
    event_id: Id | None
    event_title: str | None
    created_at: TimeOutput
    failing_since: TimeOutput | None = Field(
        description="Since when nothing has been delivered; null: the last attempt succeeded, or"
        " there was none."
    )
    disabled_at: TimeOutput | None = Field(
        description="Since when nothing is sent; null: it is enabled."
    )
    gone_at: TimeOutput | None = Field(
        description="When its receiver answered 410, which disabled it; null: it is enabled, or an"
        " admin disabled it."
    )
    previous_until: TimeOutput | None = Field(
        description="Until when its previous secret signs as well; null: there was none."
    )

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """Return the webhook in a row."""
        return cls.model_validate(dict(row))


class WebhookWithSecret(Webhook):
    """A webhook with its new secret, which no other call returns."""

    secret: str = Field(
        description="The key of the signatures.",
        examples=["whsec_Eb9l6WlSJLkWWvqYiC0MNMh6VXqYCz4sTkIQJ0+D4nA="],
    )


class Webhooks(Output):
    """All webhooks, the oldest first."""

    items: list[Webhook]


@endpoint("GET", "/webhooks", who=Who.ADMIN, scopes=("webhooks",))
async def list_webhooks(services: Services) -> Webhooks:
    """List all webhooks."""
    rows = await services.database.rows("list_webhooks")
    return Webhooks(items=[Webhook.of(row) for row in rows])


@endpoint(
    "POST",
    "/webhooks",
    who=Who.ADMIN,
    status=201,
    problems=("idempotency-key-reused",),
    reply_headers=("Idempotent-Replayed",),
    scopes=("webhooks",),
)
async def create_webhook(
    services: Services,
    caller: SignedIn,
    headers: Headers[IdempotencyHeaders],
    body: Body[NewWebhook],
) -> Reply[WebhookWithSecret]:
    """Create a webhook. With an Idempotency-Key, repeating it makes no second.

    Its secret is shown this once. Only a repeated request shows it again, within 24 hours; after
    that the key is forgotten, and the request makes another webhook.
    """
    row = await services.database.one(
        "create_webhook",
        **body.model_dump(),
        actor_id=caller.id,
        idempotency_key=headers.idempotency_key,
    )
    replayed = {"Idempotent-Replayed": "true"} if row["replayed"] else {}
    return Reply(WebhookWithSecret.of(row), 201, replayed)


@endpoint(
    "GET", "/webhooks/{id}", who=Who.ADMIN, problems=("webhook-not-found",), scopes=("webhooks",)
)
async def get_webhook(services: Services, id: Id) -> Webhook:
    """Return one webhook, without its secret."""
    row = await services.database.row("get_webhook", webhook_id=id)
    if row is None:
        raise Problem("webhook-not-found")
    return Webhook.of(row)


@endpoint(
    "PUT", "/webhooks/{id}", who=Who.ADMIN, problems=("webhook-not-found",), scopes=("webhooks",)
)
async def update_webhook(
    services: Services, caller: SignedIn, id: Id, body: Body[EditedWebhook]
) -> Webhook:
    """Change a webhook. One that is enabled again no longer counts as failing."""
    return Webhook.of(
        await services.database.one(
            "update_webhook", webhook_id=id, **body.model_dump(), actor_id=caller.id
        )
    )


@endpoint(
    "DELETE",
    "/webhooks/{id}",
    who=Who.ADMIN,
    status=204,
    problems=("webhook-not-found",),
    scopes=("webhooks",),
)
async def delete_webhook(services: Services, caller: SignedIn, id: Id) -> None:
    """Delete a webhook, and everything that waits to be sent to it."""
    # This also deletes all its past deliveries, which may take long.
    await services.database.rows_long("delete_webhook", webhook_id=id, actor_id=caller.id)


@endpoint(
    "POST",
    "/webhooks/{id}/secret",
    who=Who.ADMIN,
    status=201,
    problems=("webhook-not-found",),
    scopes=("webhooks",),
)
async def rotate_webhook_secret(services: Services, caller: SignedIn, id: Id) -> WebhookWithSecret:
    """Make a new secret, which is shown this once. The previous one signs as well for 24 hours."""
    return WebhookWithSecret.of(
        await services.database.one("rotate_webhook_secret", webhook_id=id, actor_id=caller.id)
    )
