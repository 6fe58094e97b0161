-- Who may do what. Two group roles, which belong to the cluster and may serve several databases:
--   ticketing_api     what the API becomes: reads, and writes through functions only
--   ticketing_reader  for analysts: the views
-- The owner of the database runs the migrations and needs CREATEROLE, unless both roles exist.
-- CREATE ROLE has no IF NOT EXISTS, and two databases may be set up at once: the two errors that
-- this can cause are ignored.

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['ticketing_api', 'ticketing_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION
                        'role % is missing and % may not create it', v_role, current_user
                        USING ERRCODE = 'insufficient_privilege',
                            HINT = format(
                                'Have a superuser run: '
                                    'ALTER ROLE %I CREATEROLE, or CREATE ROLE %I.',
                                current_user,
                                v_role
                            );
            END;
        END IF;
    END LOOP;
    -- The API logs in as a member of ticketing_api and becomes it; in small installations the
    -- owner itself does. Since PostgreSQL 16 the creator of a role is a member of it, but may not
    -- become it.
    IF NOT pg_has_role(
        current_user,
        'ticketing_api',
        CASE
            WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET'
            ELSE 'MEMBER'
        END
    ) THEN
        BEGIN
            EXECUTE format('GRANT ticketing_api TO %I', current_user);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION '% may not become ticketing_api', current_user
                    USING ERRCODE = 'insufficient_privilege',
                        HINT = format(
                            'Have a superuser run: GRANT ticketing_api TO %I.', current_user
                        );
        END;
    END IF;
END;
$$;

-- Helpers about a text or a row. They run with the rights of the role that calls them: CHECKs,
-- generated columns and views need them, no matter who writes or reads.
GRANT EXECUTE ON FUNCTION
    admin_can_sign_in,
    bookable,
    cancellable,
    changed_to,
    changes_for_people,
    closed_reason,
    date_for_people,
    door_closes_at,
    editable_fields,
    fact_body,
    folded_text,
    has_control_characters,
    has_direction_overrides,
    has_trigram,
    is_blank,
    is_mail_address,
    isolated,
    like_contains,
    mask_phone,
    mask_ticket_code,
    ticket_code_group,
    one_letter_shorter,
    open_to_box_office,
    open_to_customers,
    other_spellings,
    parse_ticket_code,
    problem_name,
    public_changes,
    raise_problem,
    refund_for_people,
    search_patterns,
    search_text,
    search_words,
    session_ends_at,
    session_is_confirmed,
    session_lasts,
    session_may_idle,
    session_seen_long_ago,
    ticket_code_check_symbol,
    ticket_code_readings,
    tickets_available,
    tickets_owned,
    token_expires_at,
    token_usable,
    typed_words,
    usable_time_zone,
    utc_offset,
    webhook_secret_text,
    webhook_types,
    write_ticket_code
TO PUBLIC;

GRANT SELECT ON
    users,
    events,
    bookings,
    tickets,
    sessions,
    event_words,
    event_details,
    event_availability,
    event_sales,
    daily_sales,
    events_at_another_local_time,
    recent_activity,
    integrity_violations,
    integrity_sweep,
    integrity_findings
TO ticketing_api;

-- users is written by functions only. SELECT ... FOR SHARE, which a sign-in of the first release
-- needs so that a new password cannot overtake it, requires the right to update some column. This
-- one is generated, so nothing can be written into it but what it holds already.
GRANT UPDATE (search_text) ON users TO ticketing_api;
GRANT DELETE ON sessions TO ticketing_api;
-- For API processes of the first release, while they are being replaced. The next release removes
-- these rights.
GRANT INSERT (name, phone, password_hash), UPDATE (name, password_hash) ON users TO ticketing_api;
GRANT INSERT (token_hash, user_id) ON sessions TO ticketing_api;
GRANT SELECT (id), DELETE ON sign_in_failures TO ticketing_api;

GRANT EXECUTE ON FUNCTION book_tickets(booking_request[]) TO ticketing_api;
GRANT EXECUTE ON FUNCTION book_tickets_beyond_limit TO ticketing_api;
GRANT EXECUTE ON FUNCTION book_tickets(
    bigint[], bigint[], integer[], text[], bigint[], numeric[]
) TO ticketing_api;
GRANT EXECUTE ON FUNCTION book_tickets(
    bigint, bigint, integer, text, bigint, numeric
) TO ticketing_api;
GRANT EXECUTE ON FUNCTION booking_with_tickets TO ticketing_api;
GRANT EXECUTE ON FUNCTION event_changes_since TO ticketing_api, ticketing_reader;
GRANT EXECUTE ON FUNCTION cancelled_before_event TO ticketing_api, ticketing_reader;
GRANT EXECUTE ON FUNCTION cancel_booking TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_event(
    text, text, text, timestamptz, text, integer, numeric, integer, bigint
) TO ticketing_api;
GRANT EXECUTE ON FUNCTION update_event(
    bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer,
    bigint
) TO ticketing_api;
GRANT EXECUTE ON FUNCTION check_in_ticket TO ticketing_api;
GRANT EXECUTE ON FUNCTION ticket_code_meant TO ticketing_api;
GRANT EXECUTE ON FUNCTION sign_up TO ticketing_api;
GRANT EXECUTE ON FUNCTION rehash_password TO ticketing_api;
GRANT EXECUTE ON FUNCTION may_act_for TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_user(jsonb, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_user(text, text, user_role, text, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION update_user TO ticketing_api;
GRANT EXECUTE ON FUNCTION oldest_snapshot_seconds TO ticketing_api;
GRANT EXECUTE ON FUNCTION make_activity_partitions TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_sign_in(bigint, bytea, bigint, text) TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text) TO ticketing_api;
GRANT EXECUTE ON FUNCTION mark_sessions_seen TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_user_disabled TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_user_role TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_user_sessions TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_sign_in(text, inet) TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_sign_in(text, inet, bytea) TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_confirmation TO ticketing_api;
GRANT EXECUTE ON FUNCTION remember_device TO ticketing_api;
GRANT EXECUTE ON FUNCTION sends_phone_codes TO ticketing_api;
GRANT EXECUTE ON FUNCTION request_phone_code TO ticketing_api;
GRANT EXECUTE ON FUNCTION prove_phone TO ticketing_api;
GRANT EXECUTE ON FUNCTION change_own_phone TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_user_phone TO ticketing_api;
GRANT EXECUTE ON FUNCTION delete_old_phone_codes TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_sign_up TO ticketing_api;
GRANT EXECUTE ON FUNCTION confirm_password TO ticketing_api;
GRANT EXECUTE ON FUNCTION is_in_coming_event TO ticketing_api;
GRANT EXECUTE ON FUNCTION date_time_after_events TO ticketing_api;
GRANT EXECUTE ON FUNCTION correct_word TO ticketing_api;
GRANT EXECUTE ON FUNCTION corrected_pattern TO ticketing_api;
GRANT EXECUTE ON FUNCTION search_events(text, timestamptz, timestamptz, date, date)
    TO ticketing_api;
GRANT EXECUTE ON FUNCTION search_events(text, timestamptz, timestamptz, date, date, text)
    TO ticketing_api;
GRANT EXECUTE ON FUNCTION events_containing TO ticketing_api;

-- For integrity_violations, whose rows come from this function, and for asking about one event.
GRANT EXECUTE ON FUNCTION integrity_violations_of TO ticketing_api, ticketing_reader;
GRANT EXECUTE ON FUNCTION sweep_integrity TO ticketing_api;

GRANT SELECT ON
    event_details,
    event_availability,
    event_sales,
    daily_sales,
    daily_ledger,
    ledger_entries,
    events_at_another_local_time,
    booking_details,
    ticket_details,
    customers,
    sign_in_trouble,
    recent_activity,
    integrity_violations
TO ticketing_reader;

-- If the API finds a request already done, its answer must still wait for the standby.
GRANT EXECUTE ON FUNCTION wait_for_standby_at_commit TO ticketing_api;
GRANT EXECUTE ON FUNCTION stand_on_own_commit TO ticketing_api;

GRANT EXECUTE ON FUNCTION create_event(jsonb, bigint) TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_event_once TO ticketing_api;
GRANT EXECUTE ON FUNCTION copy_event TO ticketing_api;
GRANT EXECUTE ON FUNCTION copy_event_once TO ticketing_api;
GRANT EXECUTE ON FUNCTION was_published TO ticketing_api, ticketing_reader;
GRANT EXECUTE ON FUNCTION update_event(bigint, jsonb, integer, bigint) TO ticketing_api;

-- The past: no personal data in it.
GRANT SELECT ON event_versions, event_figures TO ticketing_api, ticketing_reader;
GRANT EXECUTE ON FUNCTION event_as_of TO ticketing_api, ticketing_reader;
GRANT EXECUTE ON FUNCTION events_as_of TO ticketing_api, ticketing_reader;

-- Facts hold no personal data. Notices and mails do, and webhook keys sign our messages.
GRANT SELECT ON facts TO ticketing_api, ticketing_reader;
GRANT SELECT ON fact_cursors, webhook_deliveries, notices, mails TO ticketing_api;
GRANT SELECT (
    id, url, types, event_id, previous_until, created_at, failing_since, disabled_at, gone_at
) ON webhook_endpoints TO ticketing_api;
GRANT EXECUTE ON FUNCTION pause_restored_facts TO ticketing_api;
GRANT EXECUTE ON FUNCTION fan_out_facts TO ticketing_api;
GRANT EXECUTE ON FUNCTION claim_deliveries TO ticketing_api;
GRANT EXECUTE ON FUNCTION finish_delivery TO ticketing_api;
GRANT EXECUTE ON FUNCTION replay_facts TO ticketing_api;
GRANT EXECUTE ON FUNCTION delete_old_deliveries TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_webhook_endpoint TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_webhook_endpoint_once TO ticketing_api;
GRANT EXECUTE ON FUNCTION update_webhook_endpoint TO ticketing_api;
GRANT EXECUTE ON FUNCTION rotate_webhook_secret TO ticketing_api;
GRANT EXECUTE ON FUNCTION delete_webhook_endpoint TO ticketing_api;
GRANT EXECUTE ON FUNCTION test_webhook_endpoint TO ticketing_api;
GRANT EXECUTE ON FUNCTION notice_text TO ticketing_api;
GRANT EXECUTE ON FUNCTION mark_notices_read TO ticketing_api;
GRANT SELECT ON event_messages TO ticketing_api;
GRANT EXECUTE ON FUNCTION send_event_message TO ticketing_api;
GRANT EXECUTE ON FUNCTION preview_event_message TO ticketing_api;
GRANT EXECUTE ON FUNCTION preview_event_update TO ticketing_api;
GRANT EXECUTE ON FUNCTION claim_mails TO ticketing_api;
GRANT EXECUTE ON FUNCTION finish_mail TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_email TO ticketing_api;
GRANT EXECUTE ON FUNCTION send_verification TO ticketing_api;
GRANT EXECUTE ON FUNCTION verify_email TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_optional_mail TO ticketing_api;
GRANT EXECUTE ON FUNCTION unsubscribe TO ticketing_api;
GRANT EXECUTE ON FUNCTION request_password_reset TO ticketing_api;
GRANT EXECUTE ON FUNCTION reset_password TO ticketing_api;
GRANT EXECUTE ON FUNCTION change_own_password TO ticketing_api;
GRANT EXECUTE ON FUNCTION change_own_name TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_password_code TO ticketing_api;
GRANT EXECUTE ON FUNCTION find_password_code TO ticketing_api;
GRANT EXECUTE ON FUNCTION use_password_code TO ticketing_api;

-- Nobody but the owner reads the secrets of authenticator apps: functions do, for their user.
GRANT EXECUTE ON FUNCTION get_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_second_factor_setup TO ticketing_api;
GRANT EXECUTE ON FUNCTION find_second_factor_setup TO ticketing_api;
GRANT EXECUTE ON FUNCTION enable_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION use_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION replace_recovery_codes TO ticketing_api;
GRANT EXECUTE ON FUNCTION remove_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION renew_session TO ticketing_api;
GRANT EXECUTE ON FUNCTION write_reminders TO ticketing_api;
GRANT SELECT ON failing_mails, event_history TO ticketing_api;
GRANT EXECUTE ON FUNCTION retry_mail TO ticketing_api;
GRANT EXECUTE ON FUNCTION erase_user TO ticketing_api;
GRANT EXECUTE ON FUNCTION export_user TO ticketing_api;
GRANT EXECUTE ON FUNCTION purge TO ticketing_api;

-- A calendar file shows no ticket code, and the address of a calendar is kept as a hash.
GRANT SELECT ON calendars, calendar_entries TO ticketing_api;
GRANT EXECUTE ON FUNCTION make_calendar TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_calendar TO ticketing_api;

-- Secrets of tokens are kept as hashes.
GRANT SELECT ON api_tokens, pass_sessions TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_api_token TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_door_pass TO ticketing_api;
GRANT EXECUTE ON FUNCTION revoke_api_token TO ticketing_api;
GRANT EXECUTE ON FUNCTION note_token_use TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_pass_session TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_pass_session TO ticketing_api;
