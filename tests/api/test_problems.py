"""Every error of the database becomes a problem that reveals no row."""

import asyncio
import re
from types import SimpleNamespace

import asyncpg
import psycopg
import pytest
from starlette.exceptions import HTTPException

from app import main
from app.api import ENDPOINTS
from app.data import database
from app.data.database import Database
from app.http import problems
from app.http.openapi import problem_types
from app.http.problem_types import PROBLEM_TYPES
from app.http.problems import CONSTRAINTS, Problem
from tests.support.application import Api, in_process
from tests.support.bodies import edited_event, new_event, new_user
from tests.support.contract import operation, problems_to_see
from tests.support.rows import add_event, rows, value

# No input reaches these constraints: a model or an earlier check of the function refuses the same
# input with a better answer, or only functions write the column.
UNREACHABLE = {
    # Models refuse the same: app/http/fields.py, and the Field() of each number.
    *("events_title_not_blank", "events_title_within_200", "events_title_one_line"),
    *("events_venue_not_blank", "events_venue_within_200", "events_venue_one_line"),
    *("events_description_within_10000", "events_description_no_control_characters"),
    # book_tickets() refuses the same before.
    "bookings_within_customer_limit",
    *("events_sale_times_after_1999", "events_max_tickets_per_customer_in_range"),
    *("events_capacity_in_range", "events_price_in_range", "events_price_within_3_decimals"),
    *("events_max_tickets_per_booking_in_range", "time_of_day_on_a_clock"),
    *("event_category_not_blank", "event_category_within_40", "event_category_one_line"),
    *("note_not_blank", "note_within_500", "note_one_line"),
    "events_minimum_age_in_range",
    *("users_name_not_blank", "users_name_within_200", "users_name_one_line", "users_phone_e164"),
    "users_name_no_direction_overrides",
    *("events_title_no_direction_overrides", "events_venue_no_direction_overrides"),
    *("bookings_quantity_positive", "bookings_idempotency_key_visible_ascii"),
    "event_creations_idempotency_key_visible_ascii",
    # No call of the API writes messages yet.
    *("event_messages_idempotency_key_visible_ascii", "event_messages_text_not_blank"),
    *("event_messages_text_within_1000", "event_messages_text_no_control_characters"),
    *("event_messages_people_not_negative", "event_messages_one_per_idempotency_key"),
    "users_phone_unless_erased",
    "users_lost_phone_not_verified",
    "sign_in_failures_phone_e164",
    "sign_in_failures_phone_or_email",
    "known_devices_user_id_fkey",
    "known_devices_token_hash_is_sha256",
    "phone_codes_token_hash_unique",
    "phone_codes_user_id_fkey",
    "phone_codes_token_hash_is_sha256",
    "phone_codes_code_hash_is_sha256",
    "phone_codes_phone_e164",
    "phone_codes_failures_at_most_5",
    "phone_codes_for_user_or_sign_up",
    "phone_code_requests_user_id_fkey",
    "phone_code_requests_phone_e164",
    # Functions check before they write, and answer with their own problem.
    *("events_never_oversold", "bookings_one_per_idempotency_key"),
    *("event_creations_actor_id_fkey", "event_creations_event_id_fkey"),
    *("bookings_user_id_fkey", "bookings_event_id_fkey", "bookings_booked_by_fkey"),
    # Only functions, triggers or defaults write these columns.
    *("events_bookings_count_in_range", "events_revenue_in_range", "events_version_positive"),
    *("events_tickets_checked_in_in_range", "events_local_date_time_near_date_time"),
    *("bookings_unit_price_in_range", "bookings_unit_price_within_3_decimals"),
    "bookings_total_amount_is_price_times_quantity",
    *("bookings_cancelled_exactly_when_cancelled_at", "bookings_cancelled_after_booked"),
    *("bookings_tickets_checked_in_in_range", "bookings_booking_date_before_2100"),
    *("tickets_booking_id_fkey", "tickets_code_unique", "tickets_code_format"),
    *("tickets_code_has_check_symbol", "integrity_sweep_has_one_row", "integrity_sweep_area_known"),
    "tickets_used_exactly_when_used_at",
    *("users_password_hash_argon2id", "activity_detail_is_object"),
    *("sessions_user_id_fkey", "sessions_token_hash_is_sha256", "sessions_expires_after_created"),
    *("sessions_id_unique", "sessions_browser_not_blank", "sessions_browser_within_200"),
    "sessions_browser_one_line",
    *("event_words_events_count_not_negative", "event_versions_fields_is_object"),
    # Functions write these rows, from the ledger.
    *("fact_cursors_source_known", "webhook_deliveries_once", "webhook_deliveries_source_known"),
    *("webhook_deliveries_endpoint_id_fkey", "webhook_deliveries_attempts_not_negative"),
    "webhook_deliveries_over_exactly_when_no_attempt",
    "webhook_deliveries_delivered_or_given_up",
    *("notices_user_id_fkey", "notices_once_for_each_matter", "notices_detail_is_object"),
    *("mails_user_id_fkey", "mails_notice_id_fkey", "mails_one_for_each_notice"),
    *("mails_notice_exactly_when_purpose_is_notice", "mails_attempts_not_negative"),
    *("mails_over_exactly_when_no_attempt", "mails_sent_or_given_up"),
    "mails_address_is_mail_address",
    *("mail_links_user_id_fkey", "mail_links_token_hash_is_sha256"),
    *("password_codes_user_id_fkey", "password_codes_code_hash_is_sha256"),
    *("second_factors_user_id_fkey", "second_factors_secret_160_bits"),
    *("second_factors_used_only_when_confirmed", "recovery_codes_user_id_fkey"),
    "recovery_codes_code_hash_is_sha256",
    # No call writes these columns yet.
    *("users_email_is_mail_address", "users_email_verified_only_with_email"),
    # Only functions write these columns.
    *("users_erased_without_person", "users_phone_unless_erased", "users_lost_phone_not_verified"),
    # Models refuse the same, or the database makes the value: app/api/webhooks.py.
    *("webhook_endpoints_url_within_2000", "webhook_endpoints_types_known"),
    *("webhook_endpoints_secret_length", "webhook_endpoints_previous_secret_length"),
    "webhook_creations_key_hash_is_sha256",
    "webhook_creations_request_hash_is_sha256",
    *("webhook_creations_endpoint_id_fkey", "webhook_creations_one_per_endpoint"),
    *("webhook_endpoints_previous_both_or_none", "webhook_endpoints_url_http"),
    *("calendars_user_id_fkey", "calendars_secret_hash_unique", "calendars_secret_hash_is_sha256"),
    # Models refuse the same, or the API makes the value: app/api/tokens.py.
    *("api_tokens_name_not_blank", "api_tokens_name_within_200", "api_tokens_name_one_line"),
    *("api_tokens_has_a_scope", "api_tokens_webhooks_of_all_events"),
    *("api_tokens_token_hash_unique", "api_tokens_token_hash_is_sha256"),
    *("api_tokens_user_id_fkey", "api_tokens_pass_opens_one_door"),
    *("pass_sessions_pass_id_fkey", "pass_sessions_token_hash_is_sha256"),
    # These are for the owner of the database.
    "repairs_reason_not_blank",
}
# Problems of HTTP, the models and the handlers, besides those that a function raises.
NOT_FROM_FUNCTIONS = {
    *("malformed-request", "request-timeout", "wrong-host", "headers-too-large", "too-large"),
    *("validation", "malformed-json", "not-json", "not-found", "method-not-allowed"),
    *("not-signed-in", "sign-in-failed", "cross-site-request", "phone-taken"),
    *("internal", "busy", "database-away", "booking-status-final", "calendar-not-found"),
    *("password-wrong", "link-not-valid", "no-mail"),
    *("mail-not-found", "session-not-found", "token-not-found", "pass-not-valid", "door-closed"),
    *("confirmation-required", "second-factor-required", "second-factor-missing"),
    *("second-factor-wrong", "second-factor-on", "second-factor-off"),
    *("code-wrong", "code-not-valid", "phone-in-use", "no-phone-codes"),
}
# These have their own problem type.
OWN_PROBLEM = {"users_phone_unique"}


def test_every_constraint_has_a_field_or_is_unreachable_by_input(db: psycopg.Connection) -> None:
    found = rows(
        db,
        "SELECT conname FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u', 'x')"
        " AND conrelid::regclass::text !~ 'yoyo'"
        " UNION SELECT indexrelid::regclass::text FROM pg_index"
        " JOIN pg_class ON pg_class.oid = indrelid AND relnamespace = 'public'::regnamespace"
        " WHERE indisunique AND NOT indisprimary AND relname !~ 'yoyo'",
    )
    (raised,) = rows(
        db,
        "SELECT array_agg(found[1]) AS names FROM pg_proc,"
        r" regexp_matches(prosrc, 'CONSTRAINT = ''(\w+)''', 'g') AS found"
        " WHERE pronamespace = 'public'::regnamespace",
    )
    named = {row["conname"] for row in found} | {*raised["names"]}
    assert named == UNREACHABLE | OWN_PROBLEM | CONSTRAINTS.keys()


def test_python_and_the_database_define_the_same_problems(db: psycopg.Connection) -> None:
    raised = value(
        db, "SELECT string_agg(prosrc, '') FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    )
    listed = value(db, "SELECT pg_get_functiondef('problem_name'::regproc)")
    names = dict(re.findall(r"WHEN '(TK\d{3})'::text THEN '([a-z-]+)'::text", listed))

    assert {*re.findall(r"'(TK\d{3})'", raised)} == names.keys()
    assert {*names.values()} == PROBLEM_TYPES.keys() - NOT_FROM_FUNCTIONS
    # Each name has exactly one SQLSTATE.
    assert len({*names.values()}) == len(names)


def test_every_problem_type_is_documented() -> None:
    documented = {type_ for endpoint in ENDPOINTS for type_ in problem_types(endpoint)}
    # Problems that belong to no operation: unknown paths and methods, and malformed requests.
    assert PROBLEM_TYPES.keys() - documented == {
        *("not-found", "method-not-allowed", "wrong-host"),
        *("malformed-request", "request-timeout", "headers-too-large"),
    }
    assert operation("GET", "/api/nothing") is None
    assert {type_ for _, type_ in problems_to_see()} < documented


async def test_reachable_constraints_point_to_their_field(api: Api) -> None:
    """The model accepts the zone and the date; the database decides."""
    admin = api.admin()
    created = (await admin.post("/api/events", new_event())).json()
    api.db.execute("ALTER TABLE events DROP CONSTRAINT events_date_time_after_created_at")
    api.db.execute(
        "ALTER TABLE events ADD CONSTRAINT events_date_time_after_created_at"
        " CHECK (date_time > created_at + interval '1000 years') NOT VALID"
    )
    response = await admin.post("/api/events", new_event(title="Secret title"))
    assert response.json()["errors"] == [
        {"in": "body", "pointer": "/date_time", "detail": "The event would start in the past."}
    ]
    assert "Secret title" not in response.text
    assert created["id"]


async def test_an_unknown_time_zone_points_to_its_field(api: Api) -> None:
    admin = api.admin()
    api.db.execute(
        "CREATE OR REPLACE FUNCTION is_known_time_zone(p_time_zone text) RETURNS boolean"
        " LANGUAGE sql STABLE RETURN p_time_zone <> 'Pacific/Chatham'"
    )
    event = (await admin.post("/api/events", new_event())).json()
    far = {"time_zone": "Pacific/Chatham"}
    for response in (
        await admin.post("/api/events", new_event(**far)),
        await admin.put(f"/api/events/{event['id']}", edited_event(event, **far)),
    ):
        assert response.status_code == 422
        assert response.json()["errors"] == [
            {
                "in": "body",
                "pointer": "/time_zone",
                "detail": "The database does not know this time zone.",
            }
        ]


async def test_an_unmapped_constraint_reveals_no_row(api: Api) -> None:
    # In a thread, because the API in this process may hold a lock on the table for a moment.
    await asyncio.to_thread(
        api.db.execute,
        "ALTER TABLE users ADD CONSTRAINT unthought CHECK (name <> 'Secret') NOT VALID",
    )
    response = await api.anonymous.post("/api/users", new_user(name="Secret"))
    assert (response.status_code, response.json()["type"]) == (500, "/problems/internal")
    assert response.json()["detail"] == "The error is logged under this request_id."
    assert not re.search("Secret|unthought|users|argon2|violates", response.text)


async def test_an_internal_error_reveals_no_details(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret of the program")

    logged: list[dict[str, object]] = []
    async with in_process(database_url, raising=False) as client:
        monkeypatch.setattr(Database, "_run", broken)
        log = SimpleNamespace(error=lambda _, **facts: logged.append(facts))
        monkeypatch.setattr(main, "log", log)
        response = await client.get("/api/events/1")
    assert (response.status_code, response.json()["type"]) == (500, "/problems/internal")
    assert "secret" not in response.text
    assert logged == [{"request_id": response.json()["request_id"], "error": "RuntimeError"}]


async def test_a_locked_event_is_busy_and_others_are_sold(api: Api, database_url: str) -> None:
    ana = api.customer()
    locked, free = add_event(api.db), add_event(api.db)
    with psycopg.connect(database_url) as other:
        other.execute("SELECT FROM events WHERE id = %s FOR UPDATE", (locked,))
        response = await ana.post("/api/bookings", {"event_id": locked, "quantity": 1})
        assert (response.status_code, response.json()["type"]) == (503, "/problems/busy")
        assert response.headers["retry-after"] == "1"
        assert await ana.book(free)
    assert await ana.book(locked)


async def test_an_export_that_cannot_begin_is_answered_busy(
    database_url: str, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LONG_CONNECTIONS", 0)
    monkeypatch.setattr(database, "EXPORTS", 0)
    monkeypatch.setattr(database, "ACQUIRE_SECONDS", 0.5)
    event = add_event(db)
    async with in_process(database_url) as client:
        admin = Api(client, db).admin()
        files = [f"/api/bookings/event/{event}.{kind}" for kind in ("csv", "xlsx")]
        # HEAD does not begin the export, so it does not have to wait.
        for path in files:
            assert (await admin.send("HEAD", path)).status_code == 200
        for path in (*files, f"/api/admin/events/{event}/integrity"):
            response = await admin.get(path)
            assert (response.status_code, response.json()["type"]) == (503, "/problems/busy")


@pytest.mark.parametrize(
    ("type_", "members", "sentence"),
    (
        ("too-many-attempts", {"retry_after": 89}, "Try again in 2 minutes."),
        ("too-many-attempts", {"retry_after": 60}, "Try again in 1 minute."),
        ("quantity-not-allowed", {"limit": 1}, "One booking holds 1 ticket."),
        ("quantity-not-allowed", {"limit": 4}, "One booking holds 1 to 4 tickets."),
        ("capacity-below-sold", {"tickets_sold": 1}, "1 ticket is sold: the capacity cannot be"),
    ),
)
def test_the_detail_sentence_states_the_facts(
    type_: str, members: dict[str, int], sentence: str
) -> None:
    assert (Problem(type_, members=members).detail or "").startswith(sentence)


def test_database_errors_are_mapped_to_busy_or_away() -> None:
    for sqlstate, expected in (
        *(("55P03", "busy"), ("57014", "busy"), ("40001", "busy"), ("40P01", "busy")),
        *(("53300", "busy"), ("57P01", "database-away"), ("57P03", "database-away")),
        *(("08006", "database-away"), ("25006", "database-away"), ("57P02", "database-away")),
    ):
        error = asyncpg.PostgresError.new({"C": sqlstate, "M": "x", "D": "Failing row (secret)"})
        problem = problems.from_database(error)
        assert problem is not None, sqlstate
        assert (problem.type, problem.headers["Retry-After"]) == (expected, "1"), sqlstate
        assert "secret" not in problem.detail


def test_errors_of_starlette_are_problems() -> None:
    for status, expected in ((404, "not-found"), (405, "method-not-allowed"), (413, "too-large")):
        assert problems.from_http(HTTPException(status)).type == expected
