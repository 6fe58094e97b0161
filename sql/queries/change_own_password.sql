-- :old_hash is the hash that was verified.
SELECT change_own_password(:user_id, :old_hash, :new_hash, :session_id, :token_hash);
