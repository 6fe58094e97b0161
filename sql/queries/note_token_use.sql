SELECT note_token_use(:token_id);
