SELECT unsubscribe(:token_hash);
