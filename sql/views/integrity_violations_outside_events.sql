-- integrity_violations_outside_events: the contradictions that belong to no event. Where
-- integrity_violations_of() takes a range of events, this view is queried for one table_name and a
-- range of row_id, and PostgreSQL applies both conditions to the tables below.

CREATE VIEW integrity_violations_outside_events AS
-- What a foreign key forbids: a superuser can switch its triggers off.
SELECT
    'orphan-ticket' AS kind,
    'tickets' AS table_name,
    tickets.id AS row_id,
    tickets.booking_id::text AS expected,
    NULL::text AS actual
FROM tickets
WHERE NOT EXISTS (SELECT FROM bookings WHERE bookings.id = tickets.booking_id)
UNION ALL
-- The text holds the phone number: digits are not shown.
SELECT
    'search-text-differs',
    'users',
    users.id,
    regexp_replace(search_text(users.name || ' ' || users.phone), '[0-9]', '*', 'g'),
    regexp_replace(users.search_text, '[0-9]', '*', 'g')
FROM users
WHERE search_text(users.name || ' ' || users.phone) <> users.search_text
UNION ALL
-- A word has no id. So expected and actual begin with the word, before its number of events.
SELECT
    'event-word-differs',
    'event_words',
    0::bigint,
    (coalesce(truth.word, event_words.word) || ': ' || coalesce(truth.events_count, 0))
        COLLATE "default",
    (event_words.word || ': ' || event_words.events_count) COLLATE "default"
FROM event_words
FULL JOIN (
    SELECT word, count(*) AS events_count
    FROM events
    CROSS JOIN LATERAL unnest(search_words(events.title || ' ' || events.venue)) AS word
    WHERE events.status = 'active'
        AND char_length(word) <= 60
    GROUP BY word
) AS truth ON truth.word = event_words.word
WHERE truth.events_count IS DISTINCT FROM event_words.events_count;

COMMENT ON VIEW integrity_violations_outside_events IS
    'The rows of integrity_violations that belong to no event: tickets without a booking, search '
    'texts of users, words of events.';
COMMENT ON COLUMN integrity_violations_outside_events.kind IS 'What is wrong.';
COMMENT ON COLUMN integrity_violations_outside_events.row_id IS
    'The id of the row that is wrong, in table_name; 0 for a word, which has none.';
COMMENT ON COLUMN integrity_violations_outside_events.expected IS
    'What the other rows say it should be.';
COMMENT ON COLUMN integrity_violations_outside_events.actual IS
    'What it is. NULL: there is no such row.';
