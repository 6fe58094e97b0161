-- With a synchronous standby, a commit waits until the standby has received it, and the API answers
-- only then. But a transaction that finds its work already done writes nothing, so its commit does
-- not wait. The commit that it found may not have reached the standby either, because an
-- administrator or a restart ended its wait: a failover would undo it after the answer.

CREATE FUNCTION wait_for_standby_at_commit()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- This writes a record of this transaction into the write-ahead log. The commit then waits
    -- until the standby has received everything up to that record, and so also what was found.
    PERFORM pg_logical_emit_message(true, 'marquee', '');
END;
$$;
COMMENT ON FUNCTION wait_for_standby_at_commit IS
    'Makes the commit of this transaction wait for the synchronous standby even if it writes '
    'nothing else. Call it before an answer reports something that an earlier transaction did.';

-- API processes that are older than the new name call this. It stays while they are being replaced.
CREATE FUNCTION stand_on_own_commit()
RETURNS void
LANGUAGE sql
VOLATILE
BEGIN ATOMIC
    SELECT wait_for_standby_at_commit();
END;
COMMENT ON FUNCTION stand_on_own_commit IS
    'The earlier name of wait_for_standby_at_commit(), for API processes of the release before.';
