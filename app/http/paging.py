"""Lists are read page by page, by the sort keys of the last item seen: a cursor holds them."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import orjson
from asyncpg import Record
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


class PageQuery(Input):
    """Selects a page of a list."""

    limit: Annotated[int, Field(ge=1, le=100, strict=False, description="How many items.")] = 20
    cursor: Annotated[
        str | None, Field(max_length=1000, description="The next_cursor of the previous page.")
    ] = None


class Page(Output, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="For the next page; null on the last page.")


class SortKeys:
    """The columns that a list is sorted by, with their types; the last one is an id.

    A cursor holds their values in the last row of a page. The query takes them as parameters named
    after_<column>.
    """

    def __init__(self, **types: Any) -> None:
        self._columns = tuple(types)
        generic: Any = tuple
        self._adapter: TypeAdapter[tuple[object, ...]] = TypeAdapter(generic[(*types.values(),)])

    def parameters(self, page: PageQuery) -> dict[str, object]:
        """Return the parameters of the query for this page: where it begins, and its limit.

        The limit is one row more than the page has, which shows whether there is another page.
        Raises Problem (validation) when the cursor is not one of this list.
        """
        after = zip(self._columns, self._values(page.cursor), strict=True)
        return {**{f"after_{column}": value for column, value in after}, "limit": page.limit + 1}

    def cut(self, rows: Sequence[Record], limit: int) -> tuple[Sequence[Record], str | None]:
        """Split `limit` + 1 rows into the page and the cursor of the next one, if there is one."""
        if len(rows) <= limit:
            return rows, None
        page = rows[:limit]
        written = orjson.dumps([page[-1][column] for column in self._columns], default=str)
        return page, base64.urlsafe_b64encode(written).decode()

    def _values(self, cursor: str | None) -> Sequence[object]:
        """Return the values in a cursor; without a cursor, a None for each."""
        if cursor is None:
            return [None] * len(self._columns)
        try:
            written = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
            return self._adapter.validate_json(written)
        except (ValueError, binascii.Error, ValidationError):
            sentence = "is not a next_cursor of this list"
            raise Problem(
                "validation", sentence, errors=[FieldError("query", "/cursor", sentence)]
            ) from None


@dataclass(frozen=True)
class Listing:
    """One of the queries that can answer a request for a list."""

    query: str
    sort_keys: SortKeys
    filters: Mapping[str, object] = field(default_factory=dict)

    def parameters(self, page: PageQuery) -> dict[str, object]:
        """Return the parameters of the query for this page."""
        return {**self.filters, **self.sort_keys.parameters(page)}
