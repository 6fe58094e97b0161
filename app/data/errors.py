"""Why the database did not answer. Each message is a sentence for the caller."""


class UnavailableError(Exception):
    """The call may be tried again soon."""

    def __init__(self, detail: str = "Try again in a second.") -> None:
        super().__init__(detail)
        self.detail = detail


class BusyError(UnavailableError):
    """There is more to do than can be done in time."""


class DatabaseAwayError(UnavailableError):
    """The database cannot be reached, or does not confirm changes."""
