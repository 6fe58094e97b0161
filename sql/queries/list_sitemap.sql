-- The sitemap: active events still to come, soonest first.
SELECT event_id, updated_at
FROM event_details
WHERE status = 'active' AND date_time > now()
ORDER BY date_time, event_id
LIMIT :limit;
