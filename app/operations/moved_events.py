"""Report events that new time zone rules have moved: `python -m app.operations.moved_events`.

A change of rules leaves the instant of an event where it was, so that the venue's clock then shows
another time than the one that was announced. With --apply such events are moved to the announced
time, by the rules of the pinned package tzdata. Only active events to come are looked at.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from datetime import datetime

import asyncpg

from app.data import primary
from app.data.queries import statement
from app.settings import Settings
from app.time_zones import instant_of, is_known, wall_time_of


def main() -> None:
    """Run the command line; the exit status is 1 while something is left to be done."""
    parser = argparse.ArgumentParser(
        prog="python -m app.operations.moved_events",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--apply", action="store_true", help="move them to the announced time")
    arguments = parser.parse_args()
    try:
        left = asyncio.run(
            _report(Settings.load().database_url.get_secret_value(), apply=arguments.apply)
        )
    except (OSError, asyncpg.PostgresError) as error:
        sys.exit(f"The database refused: {error}")
    sys.exit(1 if left else 0)


async def _report(database_url: str, *, apply: bool) -> int:
    """Print a line for each finding and each repair; return how many findings are left."""
    connection = await primary.connect(database_url, timeout=10)
    left = 0
    try:
        for event in await connection.fetch(*statement("list_event_time_zones")):
            name = f"Event {event['id']}, {event['title']}"
            start = _announced_start(event)
            if apply and start is not None:
                try:
                    await connection.execute(
                        *statement(
                            "move_event",
                            event_id=event["id"],
                            date_time=start,
                            version=event["version"],
                        )
                    )
                    print(f"{name}: moved to {event['local_date_time']}.")
                    continue
                except asyncpg.PostgresError as error:
                    print(f"{name}: not moved, {error}.")
            for finding in _findings(event, start):
                print(f"{name}: {finding}")
                left += 1
    finally:
        await connection.close()
    print(f"{left} findings." if left else "Every event to come starts at its announced time.")
    return left


def _announced_start(event: asyncpg.Record) -> datetime | None:
    """Return the instant of the announced time, where the event has another one."""
    zone, local = event["time_zone"], event["local_date_time"]
    if not is_known(zone) or wall_time_of(event["date_time"], zone) == local:
        return None
    try:
        return instant_of(local, zone)
    except ValueError:
        return None


def _findings(event: asyncpg.Record, start: datetime | None) -> Iterator[str]:
    """Yield the findings about an event and what to do, each in a sentence or two."""
    zone, local = event["time_zone"], event["local_date_time"]
    if not is_known(zone):
        yield f"no rules are known for {zone}. Edit the event and choose a place."
    elif start is not None:
        clock = wall_time_of(event["date_time"], zone)
        yield f"announced for {local}, but starts at {clock} in {zone}. --apply moves it."
    elif wall_time_of(event["date_time"], zone) != local:
        yield f"announced for {local}, which the clocks in {zone} skip now. Edit the event."
    if not event["zone_is_known"]:
        yield f"the database does not know {zone}. Choose a place, or install its time zone files."
    elif start is None and event["database_local_date_time"] != local:
        yield f"the database has other rules for {zone}. Install newer time zone files."


if __name__ == "__main__":
    main()
