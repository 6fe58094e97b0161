-- Triggers on events keep event_words by these functions.

CREATE FUNCTION change_event_words(
    p_gone text[],
    p_come text[]
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- This statement locks the rows of all the words in their order, so that two writers cannot
    -- deadlock. It adds 0 to the words of p_gone; the next one takes them away.
    INSERT INTO event_words (word, events_count)
    SELECT word, count(*) FILTER (WHERE come)
    FROM (
        SELECT word, true AS come FROM unnest(p_come) AS word
        UNION ALL
        SELECT word, false FROM unnest(p_gone) AS word
    ) AS change
    WHERE char_length(word) <= 60
    GROUP BY word
    ORDER BY word
    ON CONFLICT (word) DO UPDATE
    SET events_count = event_words.events_count + excluded.events_count;

    UPDATE event_words
    SET events_count = event_words.events_count - gone.events_count
    FROM (SELECT word, count(*) AS events_count FROM unnest(p_gone) AS word GROUP BY word) AS gone
    WHERE event_words.word = gone.word;
    DELETE FROM event_words WHERE word = ANY (p_gone) AND events_count = 0;
END;
$$;
COMMENT ON FUNCTION change_event_words IS
    'Takes 1 from the count of a word for each time that it occurs in p_gone, and adds 1 for each '
    'time that it occurs in p_come.';

CREATE FUNCTION keep_event_words()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_gone text[] := '{}';
    v_come text[] := '{}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM change_event_words('{}', array_agg(word))
        FROM new_rows, unnest(search_words(title || ' ' || venue)) AS word
        WHERE status = 'active';
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM change_event_words(array_agg(word), '{}')
        FROM old_rows, unnest(search_words(title || ' ' || venue)) AS word
        WHERE status = 'active';
    ELSE
        IF OLD.status = 'active' THEN
            v_gone := search_words(OLD.title || ' ' || OLD.venue);
        END IF;
        IF NEW.status = 'active' THEN
            v_come := search_words(NEW.title || ' ' || NEW.venue);
        END IF;
        PERFORM change_event_words(
            ARRAY(SELECT unnest(v_gone) EXCEPT SELECT unnest(v_come)),
            ARRAY(SELECT unnest(v_come) EXCEPT SELECT unnest(v_gone))
        );
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION keep_event_words IS
    'Trigger: keeps event_words equal to the words of active events.';
