-- The demo season, part 1: who runs it.
--
-- Days count from the day of seeding, so that a season is ahead whenever that is. Everything
-- that follows is made from the rows this file adds, and it adds none when one of the demo
-- accounts exists: a second run changes nothing.
--
-- seeds/demo.py runs the parts in one transaction and gives them
--   season.accounts               the demo accounts as JSON, with the hashes of their passwords
--   season.unknown_password_hash  the hash of a password nobody knows

SELECT pg_advisory_xact_lock(hashtextextended('demo season', 0));
-- The same season every time, but for the days and the ticket codes.
SELECT setseed(0.2718);

CREATE TEMPORARY TABLE season_user (
    id   bigint,
    no   bigint,    -- counted within the role, in the order of accounts.json
    role user_role
) ON COMMIT DROP;

WITH account AS (
    SELECT *
    FROM ROWS FROM (
        jsonb_to_recordset(coalesce(nullif(current_setting('season.accounts', true), ''), '[]')::jsonb)
            AS (name text, phone text, role user_role, password_hash text)
    ) WITH ORDINALITY AS given (name, phone, role, password_hash, position)
),
added AS (
    INSERT INTO users (name, phone, role, password_hash, created_at, phone_verified_at)
    SELECT name, phone, role, password_hash, signed_up_at, signed_up_at
    FROM account
    CROSS JOIN LATERAL (
        SELECT now() - interval '240 days' + position * interval '27 hours 13 minutes'
    ) AS sign_up (signed_up_at)
    WHERE NOT EXISTS (SELECT FROM users WHERE phone IN (SELECT phone FROM account))
    ORDER BY position
    RETURNING id, role
)
INSERT INTO season_user (id, no, role)
SELECT id, row_number() OVER (PARTITION BY role ORDER BY id), role
FROM added;
