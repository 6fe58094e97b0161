"""Which calls are open to API tokens and door passes: a decision for every call of the API."""

from collections.abc import Mapping
from dataclasses import dataclass

Call = tuple[str, str]


@dataclass(frozen=True)
class Open:
    """A call for callers with one of the scopes.

    `by_event`: also for those that are bound to one event, if it is theirs. Otherwise such callers
    are refused, because the call is about several events.
    """

    scopes: tuple[str, ...]
    by_event: bool = True


DOOR = Open(("door",))
BOX_OFFICE = Open(("box-office",))
EVENTS = Open(("events",))
ALL_EVENTS = Open(("events",), by_event=False)
REPORTS = Open(("reports",))
ALL_REPORTS = Open(("reports",), by_event=False)
WEBHOOKS = Open(("webhooks",), by_event=False)
# To nobody but people who are signed in.
CLOSED = Open((), by_event=False)
# It is answered as to anyone: a token makes no difference.
PUBLIC = None

TOKEN_CALLS: Mapping[Call, Open | None] = {
    ("GET", "/api/events"): PUBLIC,
    ("GET", "/api/events?status=all"): ALL_EVENTS,
    ("GET", "/api/events?status=draft"): ALL_EVENTS,
    ("GET", "/api/events?status=cancelled"): ALL_EVENTS,
    ("GET", "/api/events?status=completed"): ALL_EVENTS,
    ("GET", "/api/events/{event}"): PUBLIC,
    ("GET", "/api/categories"): PUBLIC,
    # The draft is not the event of a caller that is bound to one.
    ("GET", "/api/events/{draft}"): ALL_EVENTS,
    ("GET", "/api/events/{event}/history"): Open(("events", "reports")),
    ("GET", "/api/events/{event}/as-of?at=2099-01-01T00:00:00Z"): REPORTS,
    ("GET", "/api/events/{event}.ics"): PUBLIC,
    ("GET", "/api/events/{draft}.ics"): PUBLIC,
    ("POST", "/api/events"): ALL_EVENTS,
    ("POST", "/api/events/{event}/copies"): ALL_EVENTS,
    ("POST", "/api/events/{event}/preview"): EVENTS,
    ("POST", "/api/events/{event}/messages"): EVENTS,
    ("POST", "/api/events/{event}/messages/preview"): EVENTS,
    ("GET", "/api/events/{event}/messages"): EVENTS,
    ("GET", "/api/events/{event}/door"): DOOR,
    ("POST", "/api/events/{event}/passes"): CLOSED,
    ("PUT", "/api/events/{event}"): EVENTS,
    ("GET", "/api/events/{event}/customer-limit"): BOX_OFFICE,
    ("GET", "/api/events/{event}/customer-limit?user_id={customer}"): BOX_OFFICE,
    ("POST", "/api/bookings"): BOX_OFFICE,
    ("POST", "/api/bookings for the customer"): BOX_OFFICE,
    ("GET", "/api/bookings/{booking}"): BOX_OFFICE,
    ("GET", "/api/bookings/{booking}.ics"): CLOSED,
    ("PUT", "/api/bookings/{booking}"): BOX_OFFICE,
    ("GET", "/api/bookings/user/{customer}"): Open(("box-office",), by_event=False),
    ("GET", "/api/bookings/event/{event}"): Open(("box-office", "reports")),
    ("GET", "/api/bookings/event/{event}.csv"): REPORTS,
    ("GET", "/api/bookings/event/{event}.xlsx"): REPORTS,
    ("GET", "/api/users"): CLOSED,
    ("POST", "/api/users"): PUBLIC,
    ("POST", "/api/users without a password"): PUBLIC,
    ("POST", "/api/users as an admin"): PUBLIC,
    ("PUT", "/api/users/{customer}"): CLOSED,
    ("PUT", "/api/users/{customer}/disabled"): CLOSED,
    ("PUT", "/api/users/{customer}/role"): CLOSED,
    ("DELETE", "/api/users/{customer}/sessions"): CLOSED,
    ("POST", "/api/users/{another}/erasure"): CLOSED,
    ("POST", "/api/users/{customer}/password-code"): CLOSED,
    ("DELETE", "/api/users/{another}/second-factor"): CLOSED,
    ("PUT", "/api/users/{customer}/phone"): CLOSED,
    ("POST", "/api/phone-readings"): PUBLIC,
    ("GET", "/api/sessions"): CLOSED,
    ("DELETE", "/api/sessions"): CLOSED,
    ("DELETE", "/api/sessions/{session}"): CLOSED,
    ("POST", "/api/sessions"): PUBLIC,
    ("GET", "/api/sessions/current"): PUBLIC,
    ("DELETE", "/api/sessions/current"): PUBLIC,
    ("POST", "/api/sessions/current/second-factor"): CLOSED,
    ("POST", "/api/door-sessions"): PUBLIC,
    ("GET", "/api/account"): CLOSED,
    ("PUT", "/api/account/name"): CLOSED,
    ("PUT", "/api/account/password"): CLOSED,
    ("POST", "/api/account/confirmations"): CLOSED,
    ("GET", "/api/account/second-factor"): CLOSED,
    ("POST", "/api/account/second-factor"): CLOSED,
    ("PUT", "/api/account/second-factor"): CLOSED,
    ("DELETE", "/api/account/second-factor"): CLOSED,
    ("POST", "/api/account/recovery-codes"): CLOSED,
    ("PUT", "/api/account/email"): CLOSED,
    ("DELETE", "/api/account/email"): CLOSED,
    ("POST", "/api/account/email/verifications"): CLOSED,
    ("PUT", "/api/account/mail"): CLOSED,
    ("GET", "/api/account/export"): CLOSED,
    ("POST", "/api/account/erasure"): CLOSED,
    ("PUT", "/api/account/phone"): CLOSED,
    ("POST", "/api/account/phone/codes"): CLOSED,
    ("POST", "/api/phone-verifications"): PUBLIC,
    ("POST", "/api/email-verifications"): PUBLIC,
    ("POST", "/api/unsubscriptions"): PUBLIC,
    ("POST", "/api/password-resets"): PUBLIC,
    ("PUT", "/api/password-resets"): PUBLIC,
    ("PUT", "/api/password-codes"): PUBLIC,
    ("GET", "/api/admin/events"): Open(("events", "reports"), by_event=False),
    ("GET", "/api/admin/events/{event}"): Open(("events", "reports")),
    ("GET", "/api/admin/events/{event}/sales"): REPORTS,
    ("GET", "/api/admin/integrity"): ALL_REPORTS,
    ("GET", "/api/admin/events/{event}/integrity"): REPORTS,
    ("GET", "/api/admin/activity"): CLOSED,
    ("GET", "/api/mails?state=failing"): CLOSED,
    ("POST", "/api/mails/{mail}/retry"): CLOSED,
    ("GET", "/api/calendars"): CLOSED,
    ("POST", "/api/calendars"): CLOSED,
    ("DELETE", "/api/calendars"): CLOSED,
    ("GET", "/api/calendars/{secret}.ics"): PUBLIC,
    ("GET", "/api/notices"): CLOSED,
    ("GET", "/api/notices/unread"): CLOSED,
    ("POST", "/api/notices/read"): CLOSED,
    ("GET", "/api/tickets/{code}"): DOOR,
    ("POST", "/api/tickets/{code}/check-in"): DOOR,
    ("GET", "/api/tokens"): CLOSED,
    ("POST", "/api/tokens"): CLOSED,
    ("DELETE", "/api/tokens/{token}"): CLOSED,
    ("GET", "/api/webhooks"): WEBHOOKS,
    ("POST", "/api/webhooks"): WEBHOOKS,
    ("GET", "/api/webhooks/{webhook}"): WEBHOOKS,
    ("PUT", "/api/webhooks/{webhook}"): WEBHOOKS,
    ("DELETE", "/api/webhooks/{webhook}"): WEBHOOKS,
    ("POST", "/api/webhooks/{webhook}/secret"): WEBHOOKS,
    ("POST", "/api/webhooks/{webhook}/test"): WEBHOOKS,
    ("POST", "/api/webhooks/{webhook}/replay"): WEBHOOKS,
    ("GET", "/api/webhooks/{webhook}/deliveries"): WEBHOOKS,
    ("GET", "/api/config"): PUBLIC,
}
