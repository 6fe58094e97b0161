-- A phone shows the secret of a door pass, and becomes a session of its own.
SELECT begin_pass_session(:pass_hash, :token_hash);
