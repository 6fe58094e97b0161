-- After signing in, when the hash was made with parameters that are no longer ours.
SELECT rehash_password(:user_id, :old_hash, :new_hash);
