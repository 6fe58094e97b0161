-- The oldest snapshot: as long as a session holds one, the versions of rows that it may still read
-- stay, and each sale of a popular event reads past all of them.

CREATE FUNCTION oldest_snapshot_seconds()
RETURNS double precision
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT CASE
        WHEN pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
            THEN coalesce(
                max(extract(epoch FROM clock_timestamp() - xact_start)), 0
            )::double precision
    END
    FROM pg_stat_activity
    WHERE datname = current_database()
        AND backend_type = 'client backend'
        AND backend_xmin IS NOT NULL
        AND pid <> pg_backend_pid();
$$;
COMMENT ON FUNCTION oldest_snapshot_seconds IS
    'For how long the oldest transaction that has a snapshot has been running, in seconds; 0 when '
    'there is none. NULL when the owner of this function may not see the sessions of others: '
    'GRANT pg_read_all_stats TO it.';
