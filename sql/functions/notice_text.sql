-- notice_text: what customers read of a notice, in the app, in mails and in text messages.

CREATE FUNCTION date_for_people(p_local_date_time timestamp)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN to_char(p_local_date_time, 'FMDay, FMDD FMMonth YYYY, HH24:MI');
COMMENT ON FUNCTION date_for_people IS 'A time on the venue''s clock, as a sentence holds it.';

-- Names and titles of right-to-left scripts would turn the words around them. The frontend does the
-- same in formats/isolated.ts.
CREATE FUNCTION isolated(p_text text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN regexp_replace(
    -- Without what begins or ends a stretch of another direction.
    regexp_replace(p_text, '[\u202a-\u202e\u2066-\u2069]', '', 'g'),
    '^(.*[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff'
    '\U0001e800-\U0001efff].*)$',
    E'\u2068\\1\u2069',
    'gn'
);
COMMENT ON FUNCTION isolated IS
    'A text that somebody typed, ready to stand inside a sentence: each line of it that holds '
    'letters of a right-to-left script is enclosed in U+2068 and U+2069, so that the words around '
    'it keep their order.';

CREATE FUNCTION changed_to(
    p_words text,
    p_became text,
    p_was text
)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_words || ' ' || isolated(p_became) || coalesce(' instead of ' || isolated(p_was), '')
    || '.';
COMMENT ON FUNCTION changed_to IS
    'A sentence that says what something is now, and what it was if it was anything. NULL: it is '
    'nothing now.';

CREATE FUNCTION changes_for_people(
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
    'About access: ' || isolated(p_became ->> 'access_note'),
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
COMMENT ON FUNCTION changes_for_people IS
    'Says in sentences what guests must know of a changed event, what it was before, and of one '
    'that moved, that they can cancel.';

CREATE FUNCTION refund_for_people(
    p_words text,
    p_contact text
)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_words || coalesce(': ' || isolated(p_contact), '') || '.';
COMMENT ON FUNCTION refund_for_people IS
    'A sentence about the money of a cancelled booking, with the contact of the organiser if there '
    'is one. Payments are not recorded, so it never says that somebody has paid.';

CREATE FUNCTION notice_text(p_notice notices)
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
                isolated(title),
                date_for_people(local_date_time),
                isolated(venue)
            )
            WHEN 'booking-cancelled' THEN concat_ws(
                ' ',
                format(
                    'Booking %s for %s was cancelled%s.',
                    p_notice.booking_id,
                    isolated(title),
                    CASE
                        WHEN (p_notice.detail ->> 'actor_id')::bigint = p_notice.user_id
                            THEN ' as you asked'
                        ELSE ' by the organiser'
                    END
                ),
                CASE
                    WHEN EXISTS (
                        SELECT
                        FROM bookings
                        WHERE id = p_notice.booking_id
                            AND total_amount > 0
                    )
                        THEN refund_for_people(
                            'If you have paid, the organiser says what is returned',
                            organiser_contact
                        )
                END
            )
            WHEN 'event-changed' THEN concat_ws(
                ' ',
                isolated(title) || ' has changed.',
                changes_for_people(p_notice.detail -> 'was', p_notice.detail -> 'became')
            )
            WHEN 'event-cancelled' THEN concat_ws(
                ' ',
                format('%s on %s is cancelled.', isolated(title), date_for_people(local_date_time)),
                isolated(cancellation_reason),
                CASE
                    WHEN EXISTS (
                        SELECT
                        FROM bookings
                        WHERE user_id = p_notice.user_id
                            AND event_id = p_notice.event_id
                            AND total_amount > 0
                    )
                        THEN refund_for_people(
                            'Anything you have paid is returned by the organiser',
                            organiser_contact
                        )
                END
            )
            WHEN 'event-message' THEN format(
                '%s: %s', isolated(title), isolated(p_notice.detail ->> 'text')
            )
            WHEN 'event-reminder' THEN format(
                '%s begins on %s, %s.',
                isolated(title),
                date_for_people(local_date_time),
                isolated(venue)
            )
        END
    FROM events
    WHERE id = p_notice.event_id
);
COMMENT ON FUNCTION notice_text IS
    'What a notice says, in one to a few sentences of plain text: the app, mails and text messages '
    'all show it.';
