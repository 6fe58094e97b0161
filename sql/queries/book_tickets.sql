-- A batch of booking requests, as parallel arrays.
SELECT
    outcome.*,
    problem_name(outcome.error_code) AS problem_type
FROM book_tickets(
    :user_ids::bigint[],
    :event_ids::bigint[],
    :quantities::integer[],
    :idempotency_keys::text[],
    :booked_by::bigint[],
    :expected_totals::numeric[]
) AS outcome;
