"""Lists are read page by page, by the sort keys of the last item seen: a cursor holds them."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import orjson
from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter, ValidationError

from app.http.fields import Input, Output
from app.http.problems import FieldError, Problem


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


# A time in a cursor.
CursorTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]

Item = TypeVar("Item")
Row = TypeVar("Row")


class PageQuery(Input):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=100, strict=False, description="How many items.")] = 20
    cursor: Annotated[
        str | None, Field(max_length=1000, description="The next_cursor of the page before.")
    ] = None


class Page(Output, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


def read_cursor(cursor: str | None, keys: TypeAdapter[Any], count: int) -> tuple[Any, ...]:
    """Return the sort keys in a cursor, or as many Nones for the first page.

    Raises Problem (validation) when it is not a cursor of this list.
    """
    if cursor is None:
        return (None,) * count
    try:
        written = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
        return tuple(keys.validate_json(written))
    except (ValueError, binascii.Error, ValidationError):
        sentence = "is not a next_cursor of this list"
        raise Problem(
            "validation", sentence, errors=[FieldError("query", "/cursor", sentence)]
        ) from None


def cut_page(
    rows: Sequence[Row], limit: int, sort_keys: Callable[[Row], tuple[object, ...]]
) -> tuple[Sequence[Row], str | None]:
    """Split `limit` + 1 rows into the page and the cursor of the next one, if there is one."""
    if len(rows) <= limit:
        return rows, None
    page = rows[:limit]
    written = orjson.dumps(sort_keys(page[-1]), default=str)
    return page, base64.urlsafe_b64encode(written).decode()
