-- How many tickets of an event one customer may have, and how many this one has. No row: customers
-- do not see the event.
SELECT
    max_tickets_per_customer AS "limit",
    tickets_owned(id, :user_id) AS owned
FROM events
WHERE id = :event_id
    AND (:sees_drafts OR status <> 'draft');
