"""Valid request bodies, of which tests change a field or two."""

import itertools
from typing import Any

from app.api.event_fields import EditedEvent
from tests.support.rows import in_days

PASSWORD = "correct horse battery"
_phones = itertools.count(1)


def new_phone() -> str:
    """Return an unused phone number."""
    return f"+491711{next(_phones):07}"


def new_event(**fields: object) -> dict[str, Any]:
    given: dict[str, Any] = {
        "title": "Jazz Night",
        "description": "Two sets and an interval.",
        "venue": "Town Hall",
        "date_time": in_days(30).isoformat(),
        "time_zone": "Europe/Berlin",
        "capacity": 100,
        "price": "20.00",
        "max_tickets_per_booking": 10,
    }
    return given | fields


def edited_event(event: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Return the body that edits an event as the API showed it."""
    return {name: event[name] for name in EditedEvent.model_fields} | fields


def new_token(**fields: object) -> dict[str, Any]:
    given = {"name": "Till", "scopes": ["door"], "expires_at": in_days(30).isoformat()}
    return given | fields


def new_user(**fields: object) -> dict[str, Any]:
    given = {"name": "Cleo Frost", "phone": new_phone(), "password": PASSWORD, **fields}
    return {name: value for name, value in given.items() if value is not None}
