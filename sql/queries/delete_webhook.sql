SELECT delete_webhook_endpoint(:webhook_id, :actor_id);
