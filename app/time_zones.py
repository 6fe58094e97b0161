"""Time zones by the rules of the pinned package tzdata, the only copy the application reads."""

from datetime import UTC, datetime, time, timedelta
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones


def _table(name: str) -> list[list[str]]:
    """Return the lines of one of tzdata's tables, each as its fields."""
    text = (resources.files("tzdata.zoneinfo") / name).read_text("utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


# The zones that Python can convert. Names without a slash are nicknames and abbreviations
# ("Japan", "CET").
_KNOWN = frozenset(available_timezones())
_PLACES = frozenset(name for name in _KNOWN if "/" in name)
# One name or more for each country: these are current, even where tzdata itself merges two.
_CURRENT = frozenset(row[2] for row in _table("zone.tab"))
# A link in tzdata gives a zone another name: "L Asia/Kolkata Asia/Calcutta".
_LINKS = {row[2]: row[1] for row in _table("tzdata.zi") if row[0] == "L"}


def current_name(name: str) -> str:
    """Return the name that tzdata uses today for a zone: Asia/Kolkata for Asia/Calcutta.

    Raises ValueError for anything but the name of a place, or UTC. An abbreviation is refused
    although tzdata knows some: PostgreSQL takes CET for a fixed offset, and most people who write
    EST mean New York, which is not what tzdata means by it.
    """
    if name == "UTC" or name in _CURRENT:
        return name
    if name not in _PLACES:
        raise ValueError('must be an IANA time zone like "Europe/Berlin", or "UTC"')
    return _LINKS.get(name, name)


def is_known(zone: str) -> bool:
    """Say whether this is a current or former name of a zone whose rules are known."""
    return zone in _KNOWN


def instant_of(wall_time: datetime, zone: str) -> datetime:
    """Return the instant of a wall time, in UTC; of a repeated one, the first.

    Raises ValueError for a time that the clocks skip there, or one out of range.
    """
    try:
        instant = wall_time.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if wall_time_of(instant, zone) == wall_time:
            return instant
    except OverflowError:
        pass
    raise ValueError("is a time that does not exist in this time zone")


def wall_time_of(instant: datetime, zone: str) -> datetime:
    """Return what the clocks in this zone show at an instant."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def local_time(instant: datetime, zone: str) -> datetime:
    """Return an instant by the clocks of a zone; in UTC where the zone is unknown."""
    return instant.astimezone(ZoneInfo(zone) if is_known(zone) else UTC)


def first_after(instant: datetime, shown: time, zone: str) -> datetime:
    """Return the first instant after another one at which the clocks in a zone show a time.

    A time that they skip counts from the time before: 02:30 is then shown as 03:30.
    """
    today = wall_time_of(instant, zone).date()
    candidates = (
        datetime.combine(today + timedelta(days=days), shown, ZoneInfo(zone))
        .replace(fold=fold)
        .astimezone(UTC)
        for days in (0, 1)
        for fold in (0, 1)
    )
    return next(candidate for candidate in candidates if candidate > instant)


def utc_offset(instant: datetime, zone: str) -> str:
    """Return how far a zone's clocks are ahead of UTC at an instant, like "+01:00".

    For an unknown zone it returns UTC's own: a time given in UTC is still the right time.
    """
    offset = local_time(instant, zone).utcoffset()
    minutes = round((offset or timedelta()) / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
