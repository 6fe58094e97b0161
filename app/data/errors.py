"""Why the database did not answer. app/http/problem_types.py has the sentences for the caller."""


class UnavailableError(Exception):
    """The call may be tried again soon."""


class BusyError(UnavailableError):
    """There is more to do than can be done in time."""


class DatabaseAwayError(UnavailableError):
    """The database cannot be reached."""


class CommitsHangError(DatabaseAwayError):
    """The database can be reached, but does not confirm changes."""
