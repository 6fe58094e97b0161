"""Search texts that are the number of a booking or the beginning of a ticket code."""

import re

from app.http.fields import MAX_ID

_NUMBER = re.compile(r"(?:no\.?|#)?\s*([0-9]{1,18})", re.IGNORECASE)
# The first group of a code is the same for all tickets of an event, so it finds nothing.
_GROUP = 5
_CODE = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{{_GROUP + 1},21}}")


def booking_number(text: str | None) -> int | None:
    """Return the number in "2452", "No. 2452" or "#2452"."""
    found = _NUMBER.fullmatch(text.strip()) if text else None
    return int(found[1]) if found and 0 < int(found[1]) <= MAX_ID else None


def code_beginning(text: str | None) -> str | None:
    """Return the beginning of a ticket code as codes are stored, read as parse_ticket_code() does.

    A name without a digit or hyphen is never read as one.
    """
    if text is None or not re.search(r"[0-9-]", text):
        return None
    symbols = re.sub(r"[\s\u2010-\u2015-]", "", text).upper().translate(str.maketrans("ILO", "110"))
    if not _CODE.fullmatch(symbols):
        return None
    return "-".join(symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))
