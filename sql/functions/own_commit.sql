-- stand_on_own_commit: for calls that may find their work done already, and write nothing. What
-- they find may be a commit that never waited for the synchronous standby to the end: somebody
-- cancelled the wait (pg_cancel_backend), or the primary crashed and restarted in place. The
-- transaction is visible then, but a failover can still undo it. A commit of the call's own waits
-- until the standby has everything that was committed before it.

CREATE FUNCTION stand_on_own_commit()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- The smallest record there is. It gives the transaction an id, and nobody reads it.
    PERFORM pg_logical_emit_message(true, 'marquee', '');
END;
$$;
COMMENT ON FUNCTION stand_on_own_commit() IS
    'Makes the commit of a transaction that has written nothing wait for the synchronous standby. '
    'What the transaction has read then survives a failover, too.';
REVOKE EXECUTE ON FUNCTION stand_on_own_commit() FROM PUBLIC;
