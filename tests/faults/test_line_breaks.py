"""A case that generated input once found: a path with a line break missed its endpoint."""

import psycopg

from tests.support.application import Api, in_process


async def test_a_ticket_code_with_a_line_break_is_mistyped(
    database_url: str, db: psycopg.Connection
) -> None:
    async with in_process(database_url) as client:
        admin = Api(client, db).admin()
        looked_up = await admin.get("/api/tickets/7FDY9%0AS5J0F")
        checked_in = await admin.post("/api/tickets/%0A/check-in", {})

    assert looked_up.json()["type"] == "/problems/ticket-code-malformed"
    assert checked_in.json()["type"] == "/problems/ticket-code-malformed"
