"""Rollbacks that would lose rows are refused until the rows are gone."""

from typing import LiteralString

import psycopg
import pytest

from app.operations import migrations
from app.operations.migration_locks import MigrationError
from tests.schema.migration_steps import content, fill
from tests.support.databases import contradictions
from tests.support.event_edits import update
from tests.support.rows import add_event, rows, value


@pytest.mark.steps_through_migrations
def test_a_rollback_refuses_drafts_and_keeps_the_history_of_published_ones(
    database_url: str,
) -> None:
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as db:
        while value(db, "SELECT max(migration_id) FROM _yoyo_migration") > "0047":
            migrations.roll_back(database_url)
        draft, published = (add_event(db, status="draft") for _ in range(2))
        seen = value(db, "SELECT clock_timestamp()")
        update(db, published, status="active")
        admin_id = value(db, "SELECT id FROM users WHERE role = 'admin'")
        db.execute(
            "SELECT copy_event_once(%s, ARRAY[ROW(now() + interval '9 days', NULL)::event_start,"
            " ROW(now() + interval '8 days', NULL)::event_start], %s, 'copies')",
            [published, admin_id],
        )

        with pytest.raises(MigrationError, match=r"these events are drafts.*Publish or cancel"):
            migrations.roll_back(database_url)

        db.execute("UPDATE events SET status = 'cancelled' WHERE status = 'draft'")
        before = content(database_url)
        past: LiteralString = "SELECT status FROM event_as_of(%s, %s)"
        assert value(db, past, published, seen) == "draft"
        for _ in range(2):
            migrations.roll_back(database_url)
    with psycopg.connect(database_url, autocommit=True) as db:
        # The earlier release reads the past, sells the event, and knows one event for each key.
        assert value(db, past, published, seen) == "cancelled"
        assert value(db, past, draft, seen) == "cancelled"
        assert value(db, "SELECT count(*) FROM event_creations") == 0
        assert content(database_url) == before
    assert contradictions(database_url) == []

    migrations.apply(database_url)

    with psycopg.connect(database_url, autocommit=True) as db:
        assert value(db, past, published, seen) == "draft"
        assert value(db, "SELECT was_published(%s)", draft) is False
        assert value(db, "SELECT was_published(%s)", published) is True
    assert contradictions(database_url) == []


@pytest.mark.steps_through_migrations
def test_a_rollback_refuses_to_lose_messages_to_guests(database_url: str) -> None:
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as db:
        while value(db, "SELECT max(migration_id) FROM _yoyo_migration") > "0060":
            migrations.roll_back(database_url)
        event_id = value(db, "SELECT min(id) FROM events")
        db.execute(
            "SELECT send_event_message(%s::bigint, 'Bring a coat.', 'key', NULL)", [event_id]
        )
        db.execute(
            "INSERT INTO webhook_endpoints (url, secret, types) VALUES"
            " ('https://a.example/', sha256('a'), '{event.message-sent}')"
        )

        with pytest.raises(MigrationError, match=r"these messages were sent.*announce a repair"):
            migrations.roll_back(database_url)

        assert value(db, "SELECT text FROM event_messages") == "Bring a coat."
        with db.transaction():
            db.execute("SELECT begin_repair('saved elsewhere')")
            db.execute("DELETE FROM event_messages")
        before = value(db, "SELECT count(*) FROM activity")
        migrations.roll_back(database_url)
        # Its line in the log would be lost.
        with pytest.raises(MigrationError, match="event-message-sent"):
            migrations.roll_back(database_url)
        assert value(db, "SELECT count(*) FROM activity") == before
        with db.transaction():
            db.execute("SELECT begin_repair('saved elsewhere')")
            db.execute("DELETE FROM activity WHERE action = 'event-message-sent'")
        migrations.roll_back(database_url)

        # An endpoint that asked for messages only is not sent everything instead.
        (endpoint,) = rows(db, "SELECT types, disabled_at IS NULL AS sent FROM webhook_endpoints")
        assert endpoint == {"types": [], "sent": False}
        assert value(db, "SELECT count(*) FROM facts WHERE source = 'activity'") == before - 1
    migrations.apply(database_url)
    assert contradictions(database_url) == []
