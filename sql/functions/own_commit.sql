-- An answer is a promise. Where a standby is synchronous, a commit waits until the standby has it,
-- and so does the answer. But a transaction that finds its work done already writes nothing, so
-- its commit waits for nobody; and what it found may be a commit whose own wait was cut short, by
-- an administrator or a restart, and which a failover would undo.

CREATE FUNCTION stand_on_own_commit()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- This writes a record of this transaction into the write-ahead log. The commit now waits until
    -- the standby has received everything up to that record, and so what was found as well.
    PERFORM pg_logical_emit_message(true, 'marquee', '');
END;
$$;
COMMENT ON FUNCTION stand_on_own_commit IS
    'Makes the commit of a transaction that writes nothing wait for the synchronous standby like '
    'any other. Call it before an answer says that something is done which an earlier transaction '
    'did.';
