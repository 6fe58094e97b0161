"""Each query of the API, including its functions, uses the intended indexes."""

from collections.abc import Callable
from datetime import timedelta
from typing import LiteralString

import psycopg
import pytest
from _pytest.mark import ParameterSet

from app.data.database import writes
from app.data.queries import FOLDER, statement
from tests.schema.account_plan_cases import OF_ACCOUNTS
from tests.schema.plan_case import MATCHES, NO_BOUNDS, Case
from tests.schema.plan_cases import CASES
from tests.schema.plans import (
    plans,
    plans_of,
    tables_read_whole,
    use_planning_of_the_api,
    used_indexes,
)
from tests.schema.view_plan_cases import QUESTIONS, VIEW_CASES
from tests.support.rows import PASSWORD_HASH, rows, value


def named(cases: list[Case]) -> list[ParameterSet]:
    """Name the cases by their query and a number."""
    return [pytest.param(case, id=f"{case.query}-{n}") for n, case in enumerate(cases, 1)]


@pytest.fixture
def given(large_db: psycopg.Connection) -> dict[str, object]:
    """The values of the $names of the cases."""
    (booking,) = rows(
        large_db,
        "SELECT bookings.id, event_id, date_time, user_id, idempotency_key, ticket_code"
        " FROM bookings JOIN events ON events.id = event_id"
        " JOIN tickets ON booking_id = bookings.id"
        " WHERE user_id = 1 AND events.status = 'active' AND date_time > now()"
        " ORDER BY bookings.id DESC LIMIT 1",
    )
    large_db.execute("UPDATE users SET password_hash = %s WHERE id = 1", [PASSWORD_HASH])
    return {
        "$user": booking["user_id"],
        "$other_user": 2,
        # Without bookings, so that an erasure is not refused.
        "$quiet_user": 20_000,
        "$admin": value(large_db, "SELECT id FROM users WHERE role = 'admin'"),
        "$event": booking["event_id"],
        "$start": booking["date_time"] + timedelta(hours=1),
        "$booking": booking["id"],
        "$key": booking["idempotency_key"],
        "$code": booking["ticket_code"],
        "$token": value(large_db, "SELECT token_hash FROM sessions WHERE user_id = 77"),
        "$webhook": value(
            large_db,
            "SELECT (create_webhook_endpoint('https://a.example/', '{}', NULL, NULL)).id",
        ),
        **_tokens(large_db),
        "$failure": value(large_db, "SELECT max(id) FROM sign_in_failures"),
    }


PlanOf = Callable[[Case], str]


@pytest.fixture(scope="module")
def known_plans() -> dict[int, str]:
    """The plans of the cases that have run, by the id of the case."""
    return {}


@pytest.fixture
def plan_of(
    large_db: psycopg.Connection, given: dict[str, object], known_plans: dict[int, str]
) -> PlanOf:
    """A function that runs a case once and returns its plan.

    A query that only reads is run in a transaction that is read-only: it fails if it writes.
    """

    def plan_of_case(case: Case) -> str:
        if id(case) not in known_plans:
            with large_db.transaction(force_rollback=True):
                if not writes(case.query):
                    large_db.execute("SET TRANSACTION READ ONLY")
                known_plans[id(case)] = plans(large_db, case, given)
        return known_plans[id(case)]

    return plan_of_case


def _tokens(db: psycopg.Connection) -> dict[str, object]:
    """Let the admin have a token, and a pass with a session, for events that are to come."""
    db.execute(
        "UPDATE api_tokens SET user_id = (SELECT id FROM users WHERE role = 'admin'), event_id ="
        " (SELECT max(id) FROM events WHERE date_time > now()) WHERE id IN (1, 2)"
    )
    return {
        "$token_secret": value(db, "SELECT token_hash FROM api_tokens WHERE id = 1"),
        "$pass": 2,
        "$pass_hash": value(db, "SELECT token_hash FROM api_tokens WHERE id = 2"),
        "$door_token": value(db, "SELECT token_hash FROM pass_sessions WHERE pass_id = 2 LIMIT 1"),
    }


@pytest.mark.parametrize("case", named(CASES))
def test_the_query_uses_its_indexes_and_writes_only_if_it_should(
    plan_of: PlanOf, case: Case
) -> None:
    plan = plan_of(case)

    assert case.indexes <= used_indexes(plan), plan
    assert tables_read_whole(plan) <= case.read_whole, plan


@pytest.mark.parametrize("case", named([case for case in CASES if case.query.startswith("list_")]))
def test_a_list_uses_its_indexes_with_a_generic_plan(
    large_db: psycopg.Connection, given: dict[str, object], case: Case
) -> None:
    large_db.execute("SET LOCAL plan_cache_mode = force_generic_plan")

    plan = plans(large_db, case, given)

    assert tables_read_whole(plan) <= case.read_whole, plan


@pytest.fixture
def small(rolled_back: psycopg.Connection) -> psycopg.Connection:
    """A few events and sessions, so that reading them whole looks cheap."""
    rolled_back.execute(
        "INSERT INTO events (title, venue, date_time, time_zone, capacity, price, status)"
        " SELECT 'Gala', 'Hall', now() + (1 + n * 7919 % 2000) * interval '1 hour', 'UTC', 9, 5,"
        " 'active'"
        " FROM generate_series(1, 2000) AS n"
    )
    rolled_back.execute(
        "INSERT INTO users (name, phone)"
        " SELECT 'Ada', '+4917' || 10000000 + n FROM generate_series(1, 2000) AS n"
    )
    rolled_back.execute(
        "INSERT INTO sessions (token_hash, user_id) SELECT sha256(phone::bytea), id FROM users"
    )
    rolled_back.execute("ANALYZE events, users, sessions")
    return rolled_back


def prepared_plan(db: psycopg.Connection, query: str, **parameters: str) -> str:
    """Return the plan that the API's connections keep for a repeated query."""
    use_planning_of_the_api(db)
    sql, *arguments = statement(query, **parameters)
    psycopg.RawCursor(db).execute(f"PREPARE repeated AS {sql}".encode())
    execute = f"EXECUTE repeated({', '.join(arguments)})"
    for _ in range(6):  # from the sixth execution on it may be a generic plan
        db.execute(execute.encode())
    plan = "\n".join(line for (line,) in db.execute(f"EXPLAIN {execute}".encode()))
    kept = "SELECT generic_plans > 0 FROM pg_prepared_statements WHERE name = 'repeated'"
    assert value(db, kept), f"planned each time: {plan}"
    return plan


def test_the_list_reads_one_page_even_with_few_events(
    small: psycopg.Connection,
) -> None:
    any_bound = dict.fromkeys([*NO_BOUNDS, "after_date_time", "after_event_id"], "NULL")

    plan = prepared_plan(small, "list_events", **any_bound, limit="21")

    assert used_indexes(plan) == {"events_by_date_time"}, plan
    assert "Sort" not in plan, plan


def test_sessions_are_looked_up_by_key_even_if_few_exist(small: psycopg.Connection) -> None:
    token = "sha256('+491710000007')"

    plan = prepared_plan(small, "find_sessions", token_hashes=f"ARRAY[{token}]")

    assert used_indexes(plan) == {"sessions_pkey", "users_pkey"}, plan


def test_every_query_has_a_case() -> None:
    files = {path.stem for path in FOLDER.glob("*.sql")}

    assert {case.query for case in CASES} == files


def test_corrections_use_the_indexes_of_words(large_db: psycopg.Connection) -> None:
    names = {"event_words_one_letter_shorter", "event_words_trigrams"}
    definitions = [value(large_db, "SELECT pg_get_indexdef(%s::regclass)", name) for name in names]
    # More words than any season has; new indexes are faster than filling the old ones.
    large_db.execute("DROP INDEX event_words_one_letter_shorter, event_words_trigrams")
    large_db.execute("ALTER TABLE event_words DISABLE TRIGGER USER")
    large_db.execute(
        "INSERT INTO event_words (word, events_count)"
        " SELECT DISTINCT left(md5(n::text), 4 + n % 9), 1 FROM generate_series(1, 40000) AS n"
        " ON CONFLICT DO NOTHING"
    )
    for definition in definitions:
        large_db.execute(definition)
    large_db.execute("ANALYZE event_words")

    case = Case("search_events", {"search": "zydeko", "category": None, **MATCHES}, set())
    plan = plans(large_db, case, {})

    assert names <= used_indexes(plan), plan


def test_guards_find_their_repair_by_its_index(large_db: psycopg.Connection) -> None:
    large_db.execute("ALTER TABLE repairs DISABLE TRIGGER USER")
    large_db.execute(
        "INSERT INTO repairs (reason, transaction_id)"
        " SELECT 'recount', n::text::xid8 FROM generate_series(1, 10000) AS n"
    )
    large_db.execute("ANALYZE repairs")
    large_db.execute("SELECT begin_repair('a test')")

    plan = plans_of(large_db, b"DELETE FROM tickets WHERE false")

    assert "repairs_by_transaction" in used_indexes(plan), plan


# Statements on rows that the large database lacks, and the index that each of them needs.
OF_NOTICES_AND_MAILS: dict[LiteralString, str] = {
    "SELECT * FROM mark_notices_read(7, ARRAY[7, 107])": "notices_unread",
    "SELECT * FROM claim_mails(ARRAY[sha256('new')], '1 minute')": "mails_due",
    "SELECT send_verification(7)": "mails_verifying_address",
    "DELETE FROM mail_links WHERE expires_at < now() - interval '9 years'": (
        "mail_links_by_expires_at"
    ),
    "DELETE FROM mails WHERE user_id = 7": "mails_by_user",
    "SELECT * FROM failing_mails ORDER BY mail_id DESC LIMIT 20": "mails_failing",
    "DELETE FROM mail_links WHERE user_id = 7": "mail_links_by_user",
    "SELECT request_password_reset('u8@example.org', '10.0.0.7')": "users_by_verified_email",
    "SELECT request_password_reset('+4917100', '10.0.0.7')": "password_reset_requests_by_network",
    "SELECT request_password_reset('+4917100', '10.0.0.8')": "password_reset_requests_by_at",
    "SELECT * FROM claim_deliveries(1, 5, '1 minute')": "webhook_deliveries_due",
    "SELECT id FROM webhook_deliveries WHERE endpoint_id = 5 ORDER BY id DESC LIMIT 20": (
        "webhook_deliveries_by_endpoint"
    ),
    (
        "SELECT id FROM webhook_deliveries WHERE endpoint_id = 8 AND last_error IS NOT NULL"
        " ORDER BY id DESC LIMIT 20"
    ): "webhook_deliveries_failing",
    "DELETE FROM webhook_deliveries WHERE delivered_at < now() - interval '30 days'": (
        "webhook_deliveries_delivered"
    ),
    "DELETE FROM webhook_deliveries WHERE given_up_at < now() - interval '90 days'": (
        "webhook_deliveries_given_up"
    ),
}


@pytest.mark.parametrize(("query", "index"), OF_NOTICES_AND_MAILS.items())
def test_statements_about_notices_and_mails_use_their_indexes(
    large_db: psycopg.Connection, query: LiteralString, index: str
) -> None:
    large_db.execute("SELECT fan_out_facts(1)")
    large_db.execute(
        "UPDATE users SET email = 'u' || id || '@example.org', email_verified_at ="
        " CASE WHEN id % 2 = 0 THEN now() END WHERE id < 10000"
    )
    large_db.execute(
        "INSERT INTO password_reset_requests (account, network, at)"
        " SELECT 'u' || n || '@example.org', '10.0.0.0'::inet + n % 400,"
        " now() - n * interval '0.0905 s' FROM generate_series(1, 9999) AS n"
    )
    large_db.execute(
        "INSERT INTO notices (user_id, kind, event_id, matter, read_at)"
        " SELECT n, 'event-changed', 1, 'a', CASE WHEN n % 100 <> 7 THEN now() END"
        " FROM generate_series(1, 9999) AS n"
    )
    large_db.execute(
        "INSERT INTO mails (user_id, address, purpose, next_attempt_at, sent_at)"
        " SELECT id, email, 'email-verification', CASE WHEN id % 100 = 7 THEN now() END,"
        " CASE WHEN id % 100 <> 7 THEN now() END FROM users WHERE id < 10000"
    )
    large_db.execute(
        "INSERT INTO mail_links (token_hash, user_id, purpose, address, expires_at)"
        " SELECT sha256(id::text::bytea), id, 'email-verification', email, now()"
        " FROM users WHERE id < 10000"
    )
    large_db.execute(
        "INSERT INTO webhook_endpoints (id, url, secret) OVERRIDING SYSTEM VALUE"
        " SELECT n, 'https://a.example/', sha256('a') FROM generate_series(1, 20) AS n"
    )
    large_db.execute(
        "INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body,"
        " next_attempt_at, delivered_at, given_up_at, last_error)"
        " SELECT CASE n % 100 WHEN 7 THEN 1 ELSE 1 + n % 20 END, 'booking', n, 'a', '{}',"
        " CASE n % 100 WHEN 7 THEN now() END,"
        " CASE WHEN n % 100 NOT IN (7, 8) THEN now() END,"
        " CASE n % 100 WHEN 8 THEN now() END,"
        " CASE WHEN n % 100 IN (7, 8) THEN 'it failed' END"
        " FROM generate_series(1, 9999) AS n"
    )
    large_db.execute(
        "ANALYZE notices, mails, mail_links, webhook_deliveries, users, password_reset_requests"
    )

    assert index in used_indexes(plans_of(large_db, query.encode()))


def test_every_index_is_used(large_db: psycopg.Connection, plan_of: PlanOf) -> None:
    """An index without a query only makes writes slower."""
    # These indexes have their own tests above.
    used = {"event_words_one_letter_shorter", "event_words_trigrams", "repairs_by_transaction"}
    used |= set(OF_NOTICES_AND_MAILS.values()) | set(OF_ACCOUNTS.values())
    used |= set(QUESTIONS.values()).union(*(indexes for _, indexes, _ in VIEW_CASES))
    for case in CASES:
        used |= used_indexes(plan_of(case))
    there = {
        row["relname"]
        for row in rows(
            large_db,
            "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid"
            " WHERE relnamespace = 'public'::regnamespace AND relname !~ 'yoyo'"
            " AND NOT relispartition"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        )
    }

    assert there - used == set()
