-- Guards of users: an admin who can sign in stays, no matter who writes, because only the owner of
-- the database could make another one. A new password ends what stood for the old one.

CREATE FUNCTION admin_can_sign_in(p_user users)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_user.role = 'admin'
    AND p_user.password_hash IS NOT NULL
    AND p_user.disabled_at IS NULL
    AND p_user.erased_at IS NULL
    AND (p_user.phone_lost_at IS NULL OR p_user.email_verified_at IS NOT NULL);
COMMENT ON FUNCTION admin_can_sign_in IS
    'Whether the user is an admin who can sign in: with their number, or else with a verified mail '
    'address.';

CREATE FUNCTION keep_an_admin()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- Another transaction may be taking another admin away. Here it ends first, and the next
    -- statement sees what it did.
    PERFORM lock_admins();
    IF NOT EXISTS (SELECT FROM users WHERE role = 'admin' AND admin_can_sign_in(users)) THEN
        PERFORM raise_problem('TK030');
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION keep_an_admin IS
    'Trigger: raises TK030 when no admin is left who can sign in.';

CREATE TRIGGER users_keep_an_admin
AFTER UPDATE ON users
FOR EACH ROW
WHEN (admin_can_sign_in(OLD) AND NOT admin_can_sign_in(NEW))
EXECUTE FUNCTION keep_an_admin();
COMMENT ON TRIGGER users_keep_an_admin ON users IS
    'The last admin who can sign in stays able to: not demoted, disabled or erased, and neither '
    'the number nor the password is lost.';

CREATE TRIGGER users_keep_an_admin_undeleted
AFTER DELETE ON users
FOR EACH ROW
WHEN (admin_can_sign_in(OLD))
EXECUTE FUNCTION keep_an_admin();
COMMENT ON TRIGGER users_keep_an_admin_undeleted ON users IS
    'The last admin who can sign in is not deleted.';

CREATE FUNCTION forget_devices_of_users()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    -- Anyone who knew the old password may have signed in on a browser of theirs.
    DELETE FROM known_devices WHERE user_id = NEW.id;
    -- Failures with a forgotten password shall not keep the user from signing in.
    DELETE FROM sign_in_failures
    WHERE coalesce(phone, email) = lower(NEW.email)
        AND NEW.email_verified_at IS NOT NULL;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION forget_devices_of_users IS
    'Trigger: a new password removes the known devices of its user, and the failures to sign in '
    'with the verified mail address.';

CREATE TRIGGER users_forget_devices
AFTER UPDATE OF password_hash ON users
FOR EACH ROW
WHEN (OLD.password_hash IS DISTINCT FROM NEW.password_hash)
EXECUTE FUNCTION forget_devices_of_users();
COMMENT ON TRIGGER users_forget_devices ON users IS
    'A new password ends what stood for the old one.';
