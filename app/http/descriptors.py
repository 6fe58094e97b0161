"""How many connections a process takes: fewer than the files that it may have open."""

import resource
from contextlib import suppress

MOST_CONNECTIONS = 20_000
# For the database, the files of pages, the log, and connections that are just being refused.
SPARE = 128


def raise_limit() -> None:
    """Let this process and its children open as many files as they can use, if the system does.

    The usual limit of 1,024 protects programs that call select(), and none of ours does.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # Some systems have a lower limit than the one they name.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """Return how many connections this process takes at once."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(soft - SPARE, soft // 2))
