-- Customers who cannot sign in. +49 199 is not dialled from outside a network: nobody has these
-- numbers.
WITH added AS (
    INSERT INTO users (name, phone, created_at)
    SELECT
        (%(first_names)s::text[])[1 + pg_temp.dice(%(salt)s + 3, no, cardinality(%(first_names)s::text[]))]
            || ' ' || (%(family_names)s::text[])[1 + pg_temp.dice(%(salt)s + 4, no, cardinality(%(family_names)s::text[]))],
        '+49199' || to_char(%(last_phone)s + no, 'FM00000000'),
        %(as_of)s::timestamptz - interval '1000 days' - interval '1 second' * pg_temp.dice(%(salt)s + 5, no, 30000000)
    FROM generate_series(%(from)s::bigint, %(to)s) AS no
    RETURNING id, phone
)
INSERT INTO generated_user (no, id)
SELECT right(phone, 8)::bigint - %(last_phone)s, id
FROM added;
