-- Undoes 0104_isolate_names_in_notices.

CREATE OR REPLACE FUNCTION notice_text(p_notice notices)
RETURNS text
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN (
    SELECT
        CASE p_notice.kind
            WHEN 'booking-confirmed' THEN format(
                'Booking %s is confirmed: %s for %s, %s, %s.',
                p_notice.booking_id,
                CASE p_notice.detail ->> 'quantity'
                    WHEN '1' THEN '1 ticket'
                    ELSE (p_notice.detail ->> 'quantity') || ' tickets'
                END,
                title,
                date_for_people(local_date_time),
                venue
            )
            WHEN 'booking-cancelled' THEN format(
                'Booking %s for %s was cancelled%s.',
                p_notice.booking_id,
                title,
                CASE
                    WHEN (p_notice.detail ->> 'actor_id')::bigint = p_notice.user_id
                        THEN ' as you asked'
                    ELSE ' by the organiser'
                END
            )
            WHEN 'event-changed' THEN concat_ws(
                ' ',
                title || ' has changed.',
                changes_for_people(p_notice.detail -> 'was', p_notice.detail -> 'became')
            )
            WHEN 'event-cancelled' THEN concat_ws(
                ' ',
                format('%s on %s is cancelled.', title, date_for_people(local_date_time)),
                cancellation_reason
            )
            WHEN 'event-message' THEN format('%s: %s', title, p_notice.detail ->> 'text')
            WHEN 'event-reminder' THEN format(
                '%s begins on %s, %s.', title, date_for_people(local_date_time), venue
            )
        END
    FROM events
    WHERE id = p_notice.event_id
);

CREATE OR REPLACE FUNCTION changes_for_people(
    p_was jsonb,
    p_became jsonb
)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN concat_ws(
    ' ',
    changed_to(
        'It now begins on',
        date_for_people((p_became ->> 'local_date_time')::timestamp),
        date_for_people((p_was ->> 'local_date_time')::timestamp)
    ),
    changed_to('Its time zone is now', p_became ->> 'time_zone', p_was ->> 'time_zone'),
    changed_to('It now takes place at', p_became ->> 'venue', p_was ->> 'venue'),
    changed_to('The address is now', p_became ->> 'address', p_was ->> 'address'),
    changed_to('The doors now open at', p_became ->> 'doors_open', p_was ->> 'doors_open'),
    changed_to('It now ends at', p_became ->> 'end_time', p_was ->> 'end_time'),
    'Guests must now be at least ' || (p_became ->> 'minimum_age') || ' years old.',
    'About access: ' || (p_became ->> 'access_note'),
    CASE WHEN p_became -> 'address' = 'null' THEN 'No address is given any more.' END,
    CASE WHEN p_became -> 'doors_open' = 'null' THEN 'No time for the doors is given any more.' END,
    CASE WHEN p_became -> 'end_time' = 'null' THEN 'No end is given any more.' END,
    CASE WHEN p_became -> 'minimum_age' = 'null' THEN 'There is no minimum age any more.' END,
    CASE WHEN p_became -> 'access_note' = 'null' THEN 'The note about access is gone.' END,
    CASE
        WHEN coalesce(
            p_became ->> 'local_date_time', p_became ->> 'venue', p_became ->> 'address'
        ) IS NOT NULL
            THEN 'You can cancel your booking until it begins.'
    END
);

CREATE OR REPLACE FUNCTION changed_to(
    p_words text,
    p_became text,
    p_was text
)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_words || ' ' || p_became || coalesce(' instead of ' || p_was, '') || '.';

DROP FUNCTION refund_for_people;
DROP FUNCTION isolated;
