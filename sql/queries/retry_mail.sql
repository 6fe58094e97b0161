SELECT retry_mail(:mail_id, :actor_id);
