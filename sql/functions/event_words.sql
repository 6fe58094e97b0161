-- event_words, kept by triggers on events. UPDATE has a row-level trigger with a column list,
-- because the counters' updates, the hot path, must not pay for it.

CREATE FUNCTION add_event_words(
    p_words text[],
    p_sign integer
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- Rows are locked in the order of words, so that two writers cannot deadlock.
    IF p_sign > 0 THEN
        INSERT INTO event_words (word, events_count)
        SELECT word, count(*)
        FROM unnest(p_words) AS word
        WHERE char_length(word) <= 60
        GROUP BY word
        ORDER BY word
        ON CONFLICT (word) DO UPDATE SET events_count = event_words.events_count + excluded.events_count;
    ELSE
        PERFORM FROM event_words WHERE word = ANY (p_words) ORDER BY word FOR UPDATE;
        UPDATE event_words
        SET events_count = event_words.events_count - gone.events_count
        FROM (SELECT word, count(*) AS events_count FROM unnest(p_words) AS word GROUP BY word) AS gone
        WHERE event_words.word = gone.word;
        DELETE FROM event_words WHERE word = ANY (p_words) AND events_count = 0;
    END IF;
END;
$$;
COMMENT ON FUNCTION add_event_words(text[], integer) IS 'Counts each of the words once more (p_sign 1) or once less (-1), as often as it is in the array.';
REVOKE EXECUTE ON FUNCTION add_event_words(text[], integer) FROM PUBLIC;

CREATE FUNCTION keep_event_words()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM add_event_words(array_agg(word), 1)
        FROM new_rows, unnest(search_words(title || ' ' || venue)) AS word
        WHERE status = 'active';
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM add_event_words(array_agg(word), -1)
        FROM old_rows, unnest(search_words(title || ' ' || venue)) AS word
        WHERE status = 'active';
    ELSE
        IF OLD.status = 'active' THEN
            PERFORM add_event_words(search_words(OLD.title || ' ' || OLD.venue), -1);
        END IF;
        IF NEW.status = 'active' THEN
            PERFORM add_event_words(search_words(NEW.title || ' ' || NEW.venue), 1);
        END IF;
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION keep_event_words() IS 'Trigger: keeps event_words equal to the words of active events.';
REVOKE EXECUTE ON FUNCTION keep_event_words() FROM PUBLIC;

CREATE TRIGGER events_words_inserted
AFTER INSERT ON events
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_inserted ON events IS 'Keeps event_words.';

CREATE TRIGGER events_words_updated
AFTER UPDATE OF title, venue, status ON events
FOR EACH ROW WHEN ((OLD.title, OLD.venue, OLD.status) IS DISTINCT FROM (NEW.title, NEW.venue, NEW.status))
EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_updated ON events IS 'Keeps event_words.';

CREATE TRIGGER events_words_deleted
AFTER DELETE ON events
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_deleted ON events IS 'Keeps event_words.';
