SELECT (revoke_api_token(:token_id, :actor_id)).id;
