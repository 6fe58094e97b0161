"""The owner of the test databases, and the check of their integrity."""

import psycopg
from psycopg.rows import dict_row

OWNER = "owner"


def contradictions(database_url: str) -> list[dict[str, object]]:
    """Return the rows of integrity_violations."""
    with psycopg.connect(
        database_url, row_factory=dict_row, options="-c statement_timeout=60s"
    ) as connection:
        return connection.execute("SELECT * FROM integrity_violations").fetchall()
