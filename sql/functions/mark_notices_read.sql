-- mark_notices_read: a customer has seen notices. Repeating it changes nothing. It takes ids, and
-- not the newest of them: a notice with a smaller id may be committed later.

CREATE FUNCTION mark_notices_read(
    p_user_id bigint,
    p_ids bigint[]
)
RETURNS SETOF notices
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    UPDATE notices
    SET read_at = clock_timestamp()
    WHERE id = ANY (p_ids)
        AND user_id = p_user_id
        AND read_at IS NULL
    RETURNING *;
$$;
COMMENT ON FUNCTION mark_notices_read IS
    'Marks those notices as read that belong to this customer and are unread, and returns them.';
