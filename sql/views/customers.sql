-- customers: everybody who has an account, admins too, with what they have bought. Phone numbers
-- are masked: analysts need to tell people apart, not to call them.

CREATE VIEW customers AS
SELECT
    users.id AS user_id,
    users.name,
    mask_phone(users.phone) AS phone,
    users.role,
    users.created_at AS since,
    users.password_hash IS NOT NULL
        AND users.disabled_at IS NULL
        AND users.phone_lost_at IS NULL AS can_sign_in,
    bought.first_booking,
    bought.last_booking,
    coalesce(bought.bookings, 0) AS bookings,
    coalesce(bought.cancellations, 0) AS cancellations,
    coalesce(bought.tickets, 0) AS tickets,
    coalesce(bought.spent, 0) AS spent
FROM users
LEFT JOIN (
    SELECT
        user_id,
        min(booking_date) AS first_booking,
        max(booking_date) AS last_booking,
        count(*) FILTER (WHERE status = 'confirmed') AS bookings,
        count(*) FILTER (WHERE status = 'cancelled') AS cancellations,
        sum(quantity) FILTER (WHERE status = 'confirmed') AS tickets,
        sum(total_amount) FILTER (WHERE status = 'confirmed') AS spent
    FROM bookings
    GROUP BY user_id
) AS bought ON bought.user_id = users.id;

COMMENT ON VIEW customers IS
    'Everybody with an account, also those who never booked, with what they have bought. Phone '
    'numbers are masked. role tells who is an admin.';
COMMENT ON COLUMN customers.phone IS 'Masked.';
COMMENT ON COLUMN customers.since IS 'When the account was created.';
COMMENT ON COLUMN customers.can_sign_in IS
    'False: without a password (created at the box office), disabled, or the number is another '
    'user''s now.';
COMMENT ON COLUMN customers.first_booking IS
    'When they first booked, confirmed or cancelled. NULL: never.';
COMMENT ON COLUMN customers.last_booking IS
    'When they last booked, confirmed or cancelled. NULL: never.';
COMMENT ON COLUMN customers.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN customers.cancellations IS
    'Cancelled bookings, those of cancelled events included.';
COMMENT ON COLUMN customers.tickets IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN customers.spent IS 'Total amount of confirmed bookings.';
