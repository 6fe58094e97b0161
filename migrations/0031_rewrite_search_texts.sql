-- The rows that are there are searched in the new way, a few at a time, so that no sale waits long.
-- An update of the columns that it is made from makes a generated column anew; it raises no version
-- and writes no history, because nothing that can be edited changes.
-- transactional: false
-- depends: 0030_compare_text_in_one_way

DO $$
DECLARE
    v_last bigint := 0;
BEGIN
    LOOP
        -- Locked in the order in which a batch of bookings locks events.
        WITH slice AS (
            SELECT id
            FROM events
            WHERE id > v_last
            ORDER BY id
            LIMIT 200
            FOR NO KEY UPDATE
        ),
        rewritten AS (
            UPDATE events
            SET title = title
            FROM slice
            WHERE events.id = slice.id
                AND events.search_text <> search_text(events.title || ' ' || events.venue)
        )
        SELECT max(id) INTO v_last FROM slice;
        EXIT WHEN v_last IS NULL;
        COMMIT;
    END LOOP;
END;
$$;

DO $$
DECLARE
    v_last bigint := 0;
    v_next bigint;
BEGIN
    LOOP
        SELECT max(id) INTO v_next
        FROM (SELECT id FROM users WHERE id > v_last ORDER BY id LIMIT 1000) AS slice;
        EXIT WHEN v_next IS NULL;
        UPDATE users
        SET name = name
        WHERE id > v_last
            AND id <= v_next
            AND search_text <> search_text(name || ' ' || phone);
        COMMIT;
        v_last := v_next;
    END LOOP;
END;
$$;

-- Words of edits that were under way while the functions changed. In one statement, which is one
-- transaction.
DO $$
BEGIN
    LOCK TABLE event_words IN SHARE ROW EXCLUSIVE MODE;
    -- A new database has nothing to count, and its log of repairs stays empty.
    IF NOT EXISTS (SELECT FROM events) THEN
        RETURN;
    END IF;
    PERFORM begin_repair('migration 0031: words of events as searches compare them');
    CREATE TEMPORARY TABLE words_of_active_events ON COMMIT DROP AS
    SELECT word, count(*)::integer AS events_count
    FROM events
    CROSS JOIN LATERAL unnest(search_words(events.title || ' ' || events.venue)) AS word
    WHERE events.status = 'active'
        AND char_length(word) <= 60
    GROUP BY word;
    DELETE FROM event_words
    WHERE NOT EXISTS (
        SELECT FROM words_of_active_events AS truth WHERE truth.word = event_words.word
    );
    INSERT INTO event_words (word, events_count)
    SELECT word, events_count
    FROM words_of_active_events
    ORDER BY word COLLATE "C"
    ON CONFLICT (word) DO UPDATE
    SET events_count = excluded.events_count
    WHERE event_words.events_count <> excluded.events_count;
    PERFORM end_repair();
END;
$$;
