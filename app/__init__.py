"""The API of Marquee: Starlette handlers over raw SQL."""

import sys

# The rules of time zones come from the pinned package tzdata alone, in every process that imports
# anything of the application. The operating system's copy is newer or older on each machine, and
# two copies would disagree about when an event starts.
if sys.version_info >= (3, 9):  # noqa: UP036  (app.local tells users of an older Python what is needed)
    import zoneinfo

    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
