"""The privileges in the catalog: nothing is granted that is not listed here."""

from typing import LiteralString

import psycopg

# These run with the rights of the caller: helpers about a text or a row that CHECKs, generated
# columns and views need.
PUBLIC_FUNCTIONS = {
    "admin_can_sign_in(users)",
    "bookable(events)",
    "cancellable(bookings,events)",
    "changed_to(text,text,text)",
    "changes_for_people(jsonb,jsonb)",
    "closed_reason(events,boolean,timestamp with time zone)",
    "date_for_people(timestamp without time zone)",
    "door_closes_at(events)",
    "editable_fields(events)",
    "fact_body(facts)",
    "folded_text(text)",
    "has_control_characters(text)",
    "has_direction_overrides(text)",
    "has_trigram(text)",
    "is_blank(text)",
    "is_mail_address(text)",
    "isolated(text)",
    "like_contains(text)",
    "mask_phone(text)",
    "mask_ticket_code(text)",
    "one_letter_shorter(text)",
    "open_to_box_office(events)",
    "open_to_customers(events)",
    "other_spellings(text,text)",
    "parse_ticket_code(text)",
    "problem_name(text)",
    "public_changes(jsonb)",
    "raise_problem(text,jsonb)",
    "refund_for_people(text,text)",
    "search_patterns(text)",
    "search_text(text)",
    "search_words(text)",
    (
        "session_ends_at(user_role,timestamp with time zone,timestamp with time zone,timestamp with"
        " time zone)"
    ),
    "session_is_confirmed(timestamp with time zone)",
    "session_lasts(user_role)",
    "session_may_idle(user_role)",
    "session_seen_long_ago(timestamp with time zone)",
    "ticket_code_check_symbol(text)",
    "ticket_code_group(bigint)",
    "ticket_code_readings(text)",
    "tickets_available(events)",
    "tickets_owned(bigint,bigint)",
    "token_expires_at(api_tokens,events)",
    "token_usable(api_tokens,users,events)",
    "typed_words(text)",
    "usable_time_zone(text,interval)",
    "utc_offset(events)",
    "webhook_secret_text(bytea)",
    "webhook_types()",
    "write_ticket_code(text)",
}
# These run with the rights of the owner, and decide themselves who may do what.
DEFINER_FUNCTIONS = {
    "begin_sign_in(text,inet)",
    "begin_sign_in(text,inet,bytea)",
    "begin_confirmation(bigint,inet,bytea)",
    "remember_device(bigint,bytea,bytea,inet)",
    "sends_phone_codes()",
    "request_phone_code(bytea,bytea,text,text,bigint,text,text,inet)",
    "prove_phone(bytea,bytea,boolean)",
    "begin_second_factor(bigint,inet,bytea)",
    "begin_second_factor_setup(bigint,text)",
    "enable_second_factor(bigint,text,bigint,bytea[],bigint,bytea)",
    "find_second_factor_setup(bigint)",
    "get_second_factor(bigint)",
    "remove_second_factor(bigint,bigint)",
    "renew_session(bigint,bigint,bytea,boolean)",
    "replace_recovery_codes(bigint,bytea[])",
    "use_second_factor(bigint,bigint,bigint,bytea)",
    "change_own_name(bigint,text)",
    "change_own_password(bigint,text,text,bigint,bytea)",
    "create_password_code(bigint,bytea,bigint)",
    "find_password_code(bigint,bytea)",
    "use_password_code(bigint,bytea,text)",
    "change_own_phone(bigint,text)",
    "set_user_phone(bigint,text,boolean,boolean,bigint)",
    "delete_old_phone_codes(integer)",
    "begin_sign_up(inet)",
    "book_tickets(bigint,bigint,integer,text,bigint,numeric)",
    "book_tickets(bigint[],bigint[],integer[],text[],bigint[],numeric[])",
    "book_tickets(booking_request[])",
    "book_tickets_beyond_limit(booking_request[])",
    "cancel_booking(bigint,bigint)",
    "check_in_ticket(text,bigint,bigint)",
    "claim_deliveries(bigint,integer,interval)",
    "claim_mails(bytea[],interval)",
    "finish_mail(bigint,text)",
    "request_password_reset(text,inet)",
    "retry_mail(bigint,bigint)",
    "reset_password(bytea,text)",
    "send_verification(bigint)",
    "set_email(bigint,text,bigint)",
    "set_optional_mail(bigint,boolean)",
    "unsubscribe(bytea)",
    "verify_email(bytea)",
    "write_reminders()",
    "create_event(jsonb,bigint)",
    "create_event_once(jsonb,bigint,text)",
    "copy_event(bigint,event_start[],bigint)",
    "copy_event_once(bigint,event_start[],bigint,text)",
    "end_calendar(bigint)",
    "confirm_password(bigint,bigint,text)",
    "end_sign_in(bigint,bytea,bigint,text)",
    "end_sign_in(bigint,bytea,bigint,text,inet,text)",
    "end_user_sessions(bigint,bigint)",
    "mark_sessions_seen(bigint[])",
    "set_user_disabled(bigint,boolean,bigint)",
    "set_user_role(bigint,user_role,bigint)",
    "create_event(text,text,text,timestamp with time zone,text,integer,numeric,integer,bigint)",
    "create_user(jsonb,bigint)",
    "create_user(text,text,user_role,text,bigint)",
    "event_as_of(bigint,timestamp with time zone)",
    "events_as_of(timestamp with time zone)",
    "fan_out_facts(integer)",
    "finish_delivery(bigint,integer,text,interval)",
    "mark_notices_read(bigint,bigint[])",
    "preview_event_message(bigint,text)",
    "preview_event_update(bigint,jsonb)",
    "send_event_message(bigint,text,text,bigint)",
    "update_event(bigint,jsonb,integer,bigint)",
    "make_activity_partitions()",
    "make_calendar(bigint,bytea)",
    "oldest_snapshot_seconds()",
    "pause_restored_facts()",
    "rehash_password(bigint,text,text)",
    "replay_facts(bigint,timestamp with time zone,timestamp with time zone,bigint)",
    "delete_old_deliveries(integer)",
    "create_webhook_endpoint(text,text[],bigint,bigint)",
    "create_webhook_endpoint_once(text,text[],bigint,bigint,text)",
    "update_webhook_endpoint(bigint,text,text[],bigint,boolean,bigint)",
    "rotate_webhook_secret(bigint,bigint)",
    "delete_webhook_endpoint(bigint,bigint)",
    "test_webhook_endpoint(bigint,bigint)",
    "create_api_token(bytea,text,token_scope[],bigint,timestamp with time zone,bigint)",
    "create_door_pass(bytea,bigint,text,bigint)",
    "revoke_api_token(bigint,bigint)",
    "note_token_use(bigint)",
    "begin_pass_session(bytea,bytea)",
    "end_pass_session(bytea)",
    "sign_up(text,text,text)",
    (
        "update_event(bigint,text,text,text,timestamp with time zone,text,integer,numeric,integer,"
        "event_status,integer,bigint)"
    ),
    "update_user(bigint,text,text,bigint)",
    "integrity_violations_of(bigint,bigint)",
    "sweep_integrity(integer)",
    "erase_user(bigint,bigint)",
    "export_user(bigint)",
    "purge(integer,integer,integer)",
}
API_FUNCTIONS = DEFINER_FUNCTIONS | {
    "was_published(bigint)",
    "booking_with_tickets(bigint)",
    "correct_word(text)",
    "corrected_pattern(text)",
    "date_time_after_events(timestamp with time zone,integer)",
    "event_changes_since(events,timestamp with time zone)",
    "cancelled_before_event(bookings,events)",
    "events_containing(text)",
    "is_in_coming_event(text)",
    "may_act_for(bigint,bigint)",
    "notice_text(notices)",
    "ticket_code_meant(text)",
    "search_events(text,timestamp with time zone,timestamp with time zone,date,date)",
    "search_events(text,timestamp with time zone,timestamp with time zone,date,date,text)",
    "stand_on_own_commit()",
    "wait_for_standby_at_commit()",
}
READER_FUNCTIONS = {
    "was_published(bigint)",
    "event_as_of(bigint,timestamp with time zone)",
    "events_as_of(timestamp with time zone)",
    "event_changes_since(events,timestamp with time zone)",
    "cancelled_before_event(bookings,events)",
    # It reads what integrity_violations shows, for some events.
    "integrity_violations_of(bigint,bigint)",
}

OUR_FUNCTIONS: LiteralString = """
    SELECT oid::regprocedure::text AS name, pg_proc.*
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


def executable_by(db: psycopg.Connection, role: str) -> set[str]:
    """Return the functions that are granted to a role itself. No role means PUBLIC.

    NULL is the default: PUBLIC.
    """
    found = db.execute(
        f"SELECT name FROM ({OUR_FUNCTIONS}) AS ours,"
        " aclexplode(coalesce(proacl, acldefault('f', proowner))) AS granted"
        " WHERE privilege_type = 'EXECUTE'"
        " AND grantee = coalesce((SELECT oid FROM pg_roles WHERE rolname = %s), 0)",
        [role],
    ).fetchall()
    return {name for (name,) in found}


def test_public_may_execute_only_helpers(rolled_back: psycopg.Connection) -> None:
    assert executable_by(rolled_back, "") == PUBLIC_FUNCTIONS


def test_public_may_execute_no_function_by_default(rolled_back: psycopg.Connection) -> None:
    rolled_back.execute("CREATE FUNCTION fresh() RETURNS integer LANGUAGE sql STABLE RETURN 1")

    assert "fresh()" not in executable_by(rolled_back, "")


def test_public_may_create_nothing(rolled_back: psycopg.Connection) -> None:
    row = rolled_back.execute(
        "SELECT has_schema_privilege('public', 'public', 'CREATE')"
    ).fetchone()

    assert row == (False,)


def test_each_group_role_may_execute_only_its_functions(rolled_back: psycopg.Connection) -> None:
    assert executable_by(rolled_back, "ticketing_api") == API_FUNCTIONS
    assert executable_by(rolled_back, "ticketing_reader") == READER_FUNCTIONS


def test_functions_for_public_run_with_the_rights_of_the_caller(
    rolled_back: psycopg.Connection,
) -> None:
    definers = rolled_back.execute(
        f"SELECT name FROM ({OUR_FUNCTIONS}) AS ours WHERE prosecdef"
    ).fetchall()

    # A trigger on users removes rows of tables that the API may not write.
    assert {name for (name,) in definers} == DEFINER_FUNCTIONS | {"forget_devices_of_users()"}


def test_functions_with_the_owners_rights_have_a_fixed_search_path(
    rolled_back: psycopg.Connection,
) -> None:
    """Temporary objects, which any role may create, come last in the search_path."""
    found = rolled_back.execute(
        f"SELECT name FROM ({OUR_FUNCTIONS}) AS ours WHERE prosecdef"
        " AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=public, pg_temp']"
    ).fetchall()

    assert found == []


def test_public_has_no_rights_to_relations(
    rolled_back: psycopg.Connection,
) -> None:
    found = rolled_back.execute(
        "SELECT oid::regclass::text FROM pg_class, aclexplode(relacl) AS granted"
        " WHERE relnamespace = 'public'::regnamespace AND grantee = 0"
        " UNION ALL"
        " SELECT attrelid::regclass || '.' || attname FROM pg_attribute, aclexplode(attacl)"
        " WHERE attrelid IN (SELECT oid FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace) AND grantee = 0"
    ).fetchall()

    assert found == []


def test_only_the_owner_may_use_a_sequence(rolled_back: psycopg.Connection) -> None:
    found = rolled_back.execute(
        "SELECT oid::regclass::text FROM pg_class, aclexplode(relacl) AS granted"
        " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace AND grantee <> relowner"
    ).fetchall()

    assert found == []


def test_no_grant_may_be_passed_on(rolled_back: psycopg.Connection) -> None:
    found = rolled_back.execute(
        "SELECT oid::regclass::text FROM pg_class, aclexplode(relacl) AS granted"
        " WHERE relnamespace = 'public'::regnamespace AND is_grantable AND grantee <> relowner"
    ).fetchall()

    assert found == []


def test_the_owner_is_no_superuser_and_owns_everything(rolled_back: psycopg.Connection) -> None:
    assert rolled_back.execute(
        "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"
    ).fetchone() == ("owner", False)
    foreign = rolled_back.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relowner <> current_user::regrole"
    ).fetchall()
    assert foreign == []
