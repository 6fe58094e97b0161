-- sign_in_trouble: the phone numbers that failed to sign in within the last 15 minutes, the time
-- for which failures count. Phone numbers are masked, and network addresses only counted.

CREATE VIEW sign_in_trouble AS
SELECT
    mask_phone(sign_in_failures.phone) AS phone,
    users.id AS user_id,
    count(*) AS failures,
    count(DISTINCT sign_in_failures.address) AS addresses,
    min(sign_in_failures.at) AS first_at,
    max(sign_in_failures.at) AS last_at
FROM sign_in_failures
LEFT JOIN users
    ON users.phone = sign_in_failures.phone
    AND users.phone_lost_at IS NULL
WHERE sign_in_failures.at > now() - make_interval(mins => 15)
GROUP BY sign_in_failures.phone, users.id;

COMMENT ON VIEW sign_in_trouble IS
    'Failed sign-ins of the last 15 minutes, by phone number. An attempt counts while its '
    'password is being checked, too.';
COMMENT ON COLUMN sign_in_trouble.phone IS
    'The phone number that was tried, masked. NULL: mail addresses, all of them together.';
COMMENT ON COLUMN sign_in_trouble.user_id IS
    'NULL: nobody has that number, or mail addresses were tried.';
COMMENT ON COLUMN sign_in_trouble.addresses IS 'From how many network addresses.';
