"""Everything that the database has about the caller, as one file.

sql/functions/export_user.sql collects it; app/privacy.md says what is left out, and why.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request

from app.http.cross_site import refuse_cross_site
from app.http.endpoints import Reply, endpoint
from app.http.fields import Id, Output, TimeOutput
from app.http.identity import Role, SignedIn, Who
from app.http.money import MoneyOutput
from app.http.problems import Problem
from app.http.scopes import Scope
from app.http.services import Services

Network = Annotated[
    str, Field(description="An IPv4 address, or the /64 network of an IPv6 address.")
]


class ExportedAccount(Output):
    """The row of the caller."""

    id: Id
    name: str
    phone: str | None
    phone_verified_at: TimeOutput | None
    phone_lost_at: TimeOutput | None = Field(
        description="When another user showed that the number is theirs; null: it is the caller's."
    )
    email: str | None
    email_verified_at: TimeOutput | None
    optional_mail: bool
    role: Role
    has_password: bool = Field(description="Only a hash of the password is kept.")
    created_at: TimeOutput
    disabled_at: TimeOutput | None


class ExportedTicket(Output):
    """A ticket of a booking."""

    ticket_code: str
    status: Literal["active", "used", "cancelled"]
    used_at: TimeOutput | None


class ExportedBooking(Output):
    """A booking of the caller."""

    id: Id
    event_id: Id
    event_title: str
    event_venue: str
    event_date_time: TimeOutput
    event_time_zone: str
    quantity: int
    unit_price: MoneyOutput
    total_amount: MoneyOutput
    status: Literal["confirmed", "cancelled"]
    booking_date: TimeOutput
    cancelled_at: TimeOutput | None
    booked_by: Id = Field(description="The user who booked: the caller, or an admin.")
    idempotency_key: str | None = Field(description="What the caller's program chose.")
    tickets: list[ExportedTicket]


class BookingForOther(Output):
    """A booking that the caller, an admin, made for a customer."""

    id: Id
    event_id: Id
    booking_date: TimeOutput


class ExportedNotice(Output):
    """What the caller was told in the app."""

    id: Id
    kind: str
    event_id: Id
    booking_id: Id | None
    at: TimeOutput
    read_at: TimeOutput | None
    text: str | None
    detail: dict[str, Any] = Field(description="What the text is made from.")


class ExportedMail(Output):
    """A mail to the caller. Its words are made when it is sent, and are not kept."""

    id: Id
    address: str
    purpose: str
    notice_id: Id | None
    created_at: TimeOutput
    sent_at: TimeOutput | None
    given_up_at: TimeOutput | None
    attempts: int
    last_error: str | None


class ExportedLink(Output):
    """A link in a mail that is still valid. Only a hash of its secret is kept."""

    purpose: str
    address: str
    expires_at: TimeOutput


class WebhookMessage(Output):
    """What another program was told of a notice to the caller."""

    host: str | None = Field(description="Of the program.")
    created_at: TimeOutput
    delivered_at: TimeOutput | None
    body: str


class ExportedSession(Output):
    """A session of the caller. Only a hash of its token is kept."""

    created_at: TimeOutput
    last_seen_at: TimeOutput
    expires_at: TimeOutput
    network: Network | None
    browser: str | None


class KnownDevice(Output):
    """A browser that has signed in to the account. Only a hash of its token is kept."""

    network: Network
    last_used_at: TimeOutput


class ExportedToken(Output):
    """An API token or door pass of the caller, an admin. Only a hash of its secret is kept."""

    id: Id
    name: str
    scopes: list[Scope]
    event_id: Id | None
    created_at: TimeOutput
    expires_at: TimeOutput
    revoked_at: TimeOutput | None
    last_used_on: date | None


class PhoneCodeRequest(Output):
    """A code that the caller had sent to a phone."""

    phone: str
    network: Network
    at: TimeOutput


class FailedSignIn(Output):
    """A failed attempt to sign in with the caller's phone or mail address."""

    network: Network
    at: TimeOutput


class ResetRequest(Output):
    """A request for a new password for the caller's phone or mail address."""

    account: str
    network: Network
    at: TimeOutput


class SentMessage(Output):
    """What the caller, an admin, wrote to the guests of an event."""

    id: Id
    event_id: Id
    at: TimeOutput
    text: str
    people: int


class EventRequest(Output):
    """The key with which the caller, an admin, made an event."""

    event_id: Id
    idempotency_key: str


class LogLine(Output):
    """A line of the activity log about the caller, or about what the caller did."""

    id: Id
    at: TimeOutput
    action: str
    by_you: bool
    event_id: Id | None
    booking_id: Id | None
    ticket_id: Id | None
    detail: dict[str, Any] = Field(
        description="Empty where the caller did something to another user."
    )


class AccountExport(Output):
    """Everything that the database has about the caller."""

    account: ExportedAccount
    currency: str = Field(description="Of all amounts.")
    bookings: list[ExportedBooking]
    booked_for_others: list[BookingForOther]
    notices: list[ExportedNotice]
    mails: list[ExportedMail]
    mail_links: list[ExportedLink]
    webhook_messages: list[WebhookMessage]
    sessions: list[ExportedSession]
    calendar_since: TimeOutput | None = Field(
        description="Since when there is a private calendar address; null: there is none."
    )
    known_devices: list[KnownDevice]
    api_tokens: list[ExportedToken]
    phone_code_requests: list[PhoneCodeRequest]
    failed_sign_ins: list[FailedSignIn]
    password_reset_requests: list[ResetRequest]
    messages_sent: list[SentMessage]
    event_requests: list[EventRequest]
    log: list[LogLine]


@endpoint(
    "GET",
    "/account/export",
    who=Who.SIGNED_IN,
    problems=("cross-site-request",),
    reply_headers=("Content-Disposition",),
)
async def export_account(
    services: Services, request: Request, caller: SignedIn
) -> Reply[AccountExport]:
    """Return everything that the database has about the caller, as a file.

    It has no passwords and tokens, of which only hashes are kept, and nothing of other people.
    """
    # A page of another site could make a browser save this file.
    refuse_cross_site(request, services.settings)
    async with services.turn_to_export(caller.id):
        (row,) = await services.database.rows_long("export_user", user_id=caller.id)
    if row["exported"] is None:
        # Deleted by hand since the session was looked up.
        raise Problem("not-signed-in")
    content = AccountExport.model_validate(
        {**row["exported"], "currency": services.settings.currency},
        context=services.settings.validation_context,
    )
    return Reply(
        content, headers={"Content-Disposition": 'attachment; filename="marquee-my-data.json"'}
    )
