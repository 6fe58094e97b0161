"""Calendar files as two independent programs read them, and a strict check of their lines."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import ics
import vobject


@dataclass(frozen=True)
class ReadEntry:
    """What both programs read of an entry."""

    uid: str
    sequence: int
    status: str
    title: str
    location: str
    description: str
    begin: datetime
    end: datetime
    modified: datetime


def read_calendar(content: bytes) -> list[ReadEntry]:
    """Return the entries of a calendar; fail unless its lines are right and both programs agree."""
    check_lines(content)
    text = content.decode()
    by_vobject = [_by_vobject(event) for event in vobject.readOne(text).contents.get("vevent", [])]
    # A file with METHOD:CANCEL or PUBLISH is one calendar.
    by_ics = {event.uid: event for event in ics.Calendar(text).events}
    assert by_ics.keys() == {entry.uid for entry in by_vobject}
    for entry in by_vobject:
        other = by_ics[entry.uid]
        assert (other.begin.to("UTC").datetime, other.end.to("UTC").datetime) == (
            entry.begin,
            entry.end,
        )
        assert (other.status, other.name) == (entry.status, entry.title)
        assert (other.location, other.description) == (entry.location, entry.description)
        assert other.last_modified.to("UTC").datetime == entry.modified
    return by_vobject


def _by_vobject(event: vobject.base.Component) -> ReadEntry:
    return ReadEntry(
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        status=event.status.value,
        title=event.summary.value,
        location=event.location.value,
        description=event.description.value,
        begin=event.dtstart.value.astimezone(UTC),
        end=event.dtend.value.astimezone(UTC),
        modified=event.last_modified.value.astimezone(UTC),
    )


def check_lines(content: bytes) -> None:
    """Fail unless the lines are as RFC 5545, section 3.1, wants them."""
    assert content.endswith(b"END:VCALENDAR\r\n")
    for line in content.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75, line
        # A fold cuts no character in two, and no bare line break ends a line.
        text = line.decode()
        assert not any(ord(letter) < 32 and letter != "\t" for letter in text), line


def property_of(content: bytes, name: str) -> list[str]:
    """Return the lines of a property outside the rules of time zones, unfolded, as written."""
    text = content.decode().replace("\r\n ", "")
    lines = re.sub(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE", "", text, flags=re.DOTALL).split("\r\n")
    return [line for line in lines if line.startswith((f"{name}:", f"{name};"))]
