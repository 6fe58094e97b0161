"""The SQL the API runs: sql/queries, one statement a file, named by its file.

A parameter is written `:name`. PostgreSQL takes `$1`, `$2` and so on, so names become numbers when
a file is read for the first time.
"""

import re
from functools import cache
from typing import Any

from app.paths import ROOT

FOLDER = ROOT / "sql" / "queries"

# The first alternatives are skipped: comments, literals, quoted names and casts may hold a colon.
_PARAMETER = re.compile(
    r"""
      --[^\n]*
    | /\*.*?\*/
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    | \b[eE]'(?:[^'\\]|\\.|'')*'
    | '[^']*'
    | "[^"]*"
    | ::
    | (?<![\w\])]):(?P<name>[a-z]\w*)  # after a word or a bracket it is the end of an array's slice
    """,
    re.VERBOSE | re.DOTALL,
)


def statement(name: str, /, **parameters: object) -> list[Any]:
    """Return the text of sql/queries/<name>.sql and its arguments, in order, as asyncpg takes them.

    Raises TypeError when a parameter is missing or is none of this query.
    """
    text, names = _read(name)
    try:
        arguments = [parameters[parameter] for parameter in names]
    except KeyError as error:
        raise TypeError(f"the query {name} needs the parameter {error.args[0]}") from None
    if len(parameters) > len(names):
        unknown = ", ".join(sorted(parameters.keys() - set(names)))
        raise TypeError(f"the query {name} has no parameter {unknown}")
    return [text, *arguments]


def numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """Return SQL with a number for each name, and the names in the order of their numbers."""
    numbers: dict[str, int] = {}

    def replace(match: re.Match[str]) -> str:
        name = match["name"]
        return match[0] if name is None else f"${numbers.setdefault(name, len(numbers) + 1)}"

    return _PARAMETER.sub(replace, text), tuple(numbers)


@cache
def _read(name: str) -> tuple[str, tuple[str, ...]]:
    return numbered((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
