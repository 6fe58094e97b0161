-- create_event: an admin puts an event on sale, or writes a draft. The triggers on events write its
-- history and log.

CREATE FUNCTION create_event(
    p_fields jsonb,
    p_actor_id bigint
)
RETURNS events
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    -- A field that is NULL gets the default of its column.
    v_fields constant jsonb := jsonb_strip_nulls(p_fields);
    v_columns constant text := (
        SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(v_fields) AS key
    );
    v_given constant events := jsonb_populate_record(NULL::events, v_fields);
    v_event events;
BEGIN
    PERFORM require_admin(p_actor_id);
    PERFORM require_editable_fields(p_fields);
    IF v_given.status NOT IN ('draft', 'active') THEN
        RAISE EXCEPTION 'an event begins active or as a draft' USING ERRCODE = 'restrict_violation';
    ELSIF v_given.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    PERFORM act_as(p_actor_id);
    EXECUTE CASE
            -- The error then names a column that has no default.
            WHEN v_columns IS NULL THEN 'INSERT INTO events DEFAULT VALUES'
            ELSE format('INSERT INTO events (%1$s) SELECT %1$s', v_columns)
                || ' FROM (SELECT $1.*) AS given'
        END || ' RETURNING *'
        INTO v_event
        USING v_given;
    PERFORM act_as(NULL);
    RETURN v_event;
END;
$$;
COMMENT ON FUNCTION create_event(jsonb, bigint) IS
    'Creates an event from its fields, by name of column as in editable_fields(), and returns it: '
    'an active one, unless its status is draft. local_date_time may be left out: it then follows '
    'from date_time by the rules that the database has. Raises TK015 when the event would start in '
    'the past, TK020 when the actor is not an admin. The CHECKs of events refuse a row that is '
    'wrong in itself.';
