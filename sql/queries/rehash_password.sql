-- After signing in, when the hash was made with parameters that are no longer ours.
SELECT rehash_password($1, $2, $3);
