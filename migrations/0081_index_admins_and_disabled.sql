-- An index of the few users who are admins or disabled.
-- transactional: false
-- depends: 0080_know_sessions

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY users_admins_and_disabled
    ON users (id)
    WHERE role = 'admin' OR disabled_at IS NOT NULL;

COMMENT ON INDEX users_admins_and_disabled IS
    'For search_admins, search_disabled_users and keep_an_admin. Partial: most users are customers '
    'who may sign in.';
