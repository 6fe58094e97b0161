"""The SQL the API runs: sql/queries, one statement a file, named by its file."""

from functools import cache

from app.paths import ROOT

FOLDER = ROOT / "sql" / "queries"


@cache
def query(name: str) -> str:
    """Return the statement of sql/queries/<name>.sql, as it stands there."""
    return (FOLDER / f"{name}.sql").read_text()
