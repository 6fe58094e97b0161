"""Calendar files (RFC 5545): the entry of a booking or of an event, and a customer's calendar.

A calendar program recognises an entry by its UID, and takes over a change when SEQUENCE is not
lower than before. So a rescheduled event moves, and a cancelled one is struck out. An entry has no
ticket codes, because people share their calendars.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from icalendar import Calendar, Event, Timezone

from app.addresses import host_name
from app.time_zones import first_after, is_known, local_time

# Calendar programs read an entry without an end as no time at all, as an hour or as a day. So an
# event that announces no end gets a usual length. README.md lists it among the assumptions.
USUAL_LENGTH = timedelta(hours=2)
# How often a calendar program should ask for a customer's calendar.
REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class CalendarEntry:
    """What calendar programs are told of a booking or an event. Two that are equal say the same."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    title: str
    location: str
    description: str
    address: str
    cancelled: bool


@dataclass(frozen=True)
class CalendarFile:
    """A file that brings one entry into a calendar, or takes it out."""

    name: str
    media_type: str
    content: bytes


def booking_file(row: asyncpg.Record, origin: str) -> CalendarFile:
    """Return the file of a booking, from its row of the view calendar_entries.

    `origin` is the address of the site, like https://tickets.example. When the booking is
    cancelled, the file's method is CANCEL, and a mail with it takes the entry out of a calendar.
    """
    return _file_of(booking_entry(row, origin))


def event_file(row: asyncpg.Record, origin: str) -> CalendarFile:
    """Return the file of an event that is not booked yet, from its row of event_details."""
    cancelled = row["status"] == "cancelled"
    address = f"{origin}/events/{row['event_id']}"
    entry = _entry(
        row,
        uid=f"event-{row['event_id']}@{_host_of(origin)}",
        sequence=row["version"],
        changed_at=row["updated_at"],
        description=_description(row, [], address, cancelled=cancelled),
        address=address,
        cancelled=cancelled,
    )
    return _file_of(entry)


def booking_entry(row: asyncpg.Record, origin: str) -> CalendarEntry:
    """Return the entry of a booking, from its row of the view calendar_entries."""
    number, quantity = row["booking_id"], row["quantity"]
    address = f"{origin}/bookings/{number}"
    tickets = f"Booking No. {number}, {quantity} {'ticket' if quantity == 1 else 'tickets'}"
    return _entry(
        row,
        uid=f"booking-{number}@{_host_of(origin)}",
        sequence=row["sequence"],
        changed_at=row["changed_at"],
        description=_description(row, [tickets], address, cancelled=row["cancelled"]),
        address=address,
        cancelled=row["cancelled"],
    )


def customer_calendar(entries: Iterable[CalendarEntry]) -> bytes:
    """Return the calendar of a customer, which their calendar program asks for again and again."""
    entries = list(entries)
    calendar = _calendar("PUBLISH", entries)
    calendar.calendar_name = "Marquee"
    calendar.add("REFRESH-INTERVAL", REFRESH, {"VALUE": "DURATION"})
    # Programs that are older than REFRESH-INTERVAL (RFC 7986) know this one.
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    return _written(calendar)


def _entry(row: asyncpg.Record, **given: Any) -> CalendarEntry:
    starts_at, zone, end = row["date_time"], row["time_zone"], row["end_time"]
    announced = end is not None and is_known(zone)
    return CalendarEntry(
        starts_at=starts_at,
        ends_at=first_after(starts_at, end, zone) if announced else starts_at + USUAL_LENGTH,
        time_zone=zone,
        title=row["title"],
        location=", ".join(filter(None, (row["venue"], row["address"]))),
        **given,
    )


def _description(row: asyncpg.Record, lines: list[str], address: str, *, cancelled: bool) -> str:
    if cancelled:
        lines = ["Cancelled.", *lines]
    if reason := row["cancellation_reason"]:
        lines = [reason, *lines]
    elif doors := row["doors_open"]:
        lines = [*lines, f"Doors {doors:%H:%M}"]
    return "\n".join([*lines, address])


def _host_of(origin: str) -> str:
    return host_name(origin.partition("://")[2])


def _file_of(entry: CalendarEntry) -> CalendarFile:
    method = "CANCEL" if entry.cancelled else "PUBLISH"
    return CalendarFile(
        name=f"marquee-{entry.uid.partition('@')[0]}.ics",
        media_type=f"text/calendar; charset=utf-8; method={method}",
        content=_written(_calendar(method, [entry])),
    )


def _calendar(method: str, entries: list[CalendarEntry]) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", "-//Marquee//Tickets//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    years: dict[str, set[int]] = {}
    for entry in entries:
        if entry.time_zone != "UTC" and is_known(entry.time_zone):
            years.setdefault(entry.time_zone, set()).update(
                {entry.starts_at.year, entry.ends_at.year}
            )
    for zone, used in sorted(years.items()):
        calendar.add_component(_rules_of(zone, min(used), max(used)))
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    # DTSTAMP is the time of this revision, so that an unchanged calendar is the same file.
    event.add("DTSTAMP", entry.changed_at.astimezone(UTC))
    event.add("LAST-MODIFIED", entry.changed_at.astimezone(UTC))
    event.add("DTSTART", _moment(entry.starts_at, entry.time_zone))
    event.add("DTEND", _moment(entry.ends_at, entry.time_zone))
    event.add("SUMMARY", entry.title)
    event.add("LOCATION", entry.location)
    event.add("DESCRIPTION", entry.description)
    event.add("URL", entry.address)
    event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
    return event


def _moment(instant: datetime, zone: str) -> datetime:
    """Return an instant on the venue's clock, which is what was announced.

    When the clocks go back they show an hour twice, and iCalendar can name only the first of the
    two: an instant in the second is given in UTC.
    """
    local = local_time(instant, zone)
    return local.astimezone(UTC) if local.fold else local


@lru_cache(maxsize=256)
def _rules_of(zone: str, first_year: int, last_year: int) -> Timezone:
    first, last = date(first_year - 1, 1, 1), date(last_year + 2, 1, 1)
    rules = Timezone.from_tzinfo(ZoneInfo(zone), zone, first, last)
    # The library says in which years they hold.
    rules.pop("COMMENT", None)
    return rules


def _written(calendar: Calendar) -> bytes:
    content: bytes = calendar.to_ical()
    return content
