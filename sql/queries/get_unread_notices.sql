-- How many notices a customer has not read. It counts no further than :most.
SELECT count(*)
FROM (
    SELECT
    FROM notices
    WHERE user_id = :user_id
        AND read_at IS NULL
    LIMIT :most
) AS unread;
