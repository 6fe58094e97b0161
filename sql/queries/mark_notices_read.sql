SELECT count(*) FROM mark_notices_read(:user_id, :ids::bigint[]);
