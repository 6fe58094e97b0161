SELECT finish_delivery(:delivery_id, :status, :error, :retry_after);
