SELECT replace_recovery_codes(:user_id, :code_hashes::bytea[]);
