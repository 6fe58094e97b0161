"""One way to run a query, and the parameters that several cases share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tests.support.rows import in_days

TODAY = in_days(0).date()
# Soon after midnight, hardly anything was booked today.
YESTERDAY = TODAY - timedelta(days=1)
LATER = in_days(30)


@dataclass(frozen=True)
class Case:
    """One way to run a query."""

    query: str
    parameters: Mapping[str, object]
    indexes: set[str]
    # Tables that may be read whole, because the question is about all of their rows.
    read_whole: set[str] = field(default_factory=set)
    # How many rows are fetched; None: all. Functions in a SELECT list run once for each row, and
    # each run is reported.
    rows: int | None = None


GALA: dict[str, object] = {
    "title": "Gala",
    "venue": "Hall",
    "date_time": LATER,
    "time_zone": "UTC",
    "capacity": 9000,
    "price": 5,
}
EDIT: dict[str, object] = {"event_id": "$event", "expected_version": None, "actor_id": "$admin"}
NEW_USER: dict[str, object] = {"name": "Ada", "phone": "+4930123456", "role": "customer"}
WEBHOOK: dict[str, object] = {"url": "https://a.example/", "types": [], "event_id": "$event"}
ANY_WORD = {"event_words"}  # with only a thousand words, reading them all may be cheaper


def page(**after: object) -> dict[str, object]:
    """Return the parameters of a page; None stands for the first page."""
    return {**{f"after_{column}": value for column, value in after.items()}, "limit": 20}


FIRST_EVENTS = page(date_time=None, event_id=None)
LATER_EVENTS = page(date_time=LATER, event_id=1)
FIRST_SORTED = page(sort_key=None, event_id=None)
FIRST_BOOKINGS = page(booking_date=None, id=None)
LATER_BOOKINGS = page(booking_date=LATER, id=1)
# Few users are admins, so that this index is smaller than the primary key.
ADMINS = "users_admins_and_disabled"
ANY_BOOKING: dict[str, object] = {"search": None, "booking_id": None, "code": None}
ANY_EVENT: dict[str, object] = dict.fromkeys(("status", "search", "category", "from_time"))
QUOKKA: dict[str, object] = {**ANY_EVENT, "search": "quokka"}
PUPPETRY: dict[str, object] = {**ANY_EVENT, "category": "Puppetry"}
NO_BOUNDS: dict[str, object] = dict.fromkeys(("from_time", "to_time", "from_day", "to_day"))
MATCHES = {**NO_BOUNDS, **page(match_class=None, date_time=None, event_id=None)}
