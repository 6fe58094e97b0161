-- With a synchronous standby, a commit waits until the standby has received it, and the API answers
-- only then. But a transaction that finds its work already done writes nothing, so its commit does
-- not wait. The commit that it found may not have reached the standby either, because an
-- administrator or a restart ended its wait: a failover would undo it after the answer.

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
    'any other. Call it before the answer reports something that an earlier transaction did.';
