-- Whether a user has a calendar address, and since when.
SELECT created_at
FROM calendars
WHERE user_id = :user_id;
