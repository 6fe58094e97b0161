-- book_tickets_beyond_limit: the box office sells a customer more tickets than one customer may
-- have. Only this call does it, so that nobody exceeds the limit without saying so. It is not on the
-- way of other bookings, and tells book_tickets() by a setting of the transaction.

CREATE FUNCTION book_tickets_beyond_limit(p_requests booking_request[])
RETURNS TABLE (
    request_no integer,
    replayed boolean,
    error_code text,
    error_detail jsonb,
    booking booking_with_tickets
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM set_config('marquee.beyond_customer_limit', 'true', true);
    RETURN QUERY SELECT * FROM book_tickets(p_requests);
    PERFORM set_config('marquee.beyond_customer_limit', '', true);
END;
$$;
COMMENT ON FUNCTION book_tickets_beyond_limit IS
    'Answers booking requests as book_tickets() does, but events.max_tickets_per_customer does not '
    'limit them, and their bookings say so (beyond_customer_limit). A request whose booked_by is '
    'not an admin is refused (TK020).';
