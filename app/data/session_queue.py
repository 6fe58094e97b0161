"""Sessions: those of requests that arrive together are looked up together."""

from collections.abc import Sequence
from functools import partial

import asyncpg

from app.data.batch_policy import batch_recorder, failure_of
from app.data.batching import Batches
from app.data.database import Database


async def find_sessions(
    database: Database, token_hashes: Sequence[bytes]
) -> Sequence[asyncpg.Record | None]:
    """Return for each hash, in order, the session with its user; None when none is valid."""
    rows = await database.rows("find_sessions", token_hashes=list(set(token_hashes)))
    found = {row["token_hash"]: row for row in rows}
    return [found.get(token_hash) for token_hash in token_hashes]


def session_batches(database: Database) -> Batches[bytes, asyncpg.Record | None]:
    """Return batches of session look-ups."""
    return Batches(
        partial(find_sessions, database), failure=failure_of, began=batch_recorder("sessions")
    )
