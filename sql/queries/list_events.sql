-- The public list: active events still to come, soonest first, after the cursor.
-- $1, $2: from and to as times; $3, $4: from and to as days in each event's zone; NULL: no bound.
-- A day anywhere on earth begins at most 14 hours before it does in UTC and ends at most 12
-- hours after: those bounds go through the index, then the venue's clock decides.
-- $5, $6: date_time and id of the last event of the page before; $7: how many.
SELECT *
FROM event_availability
WHERE status = 'active'
    AND date_time > now()
    AND date_time >= coalesce($1::timestamptz, timezone('UTC', $3::date) - interval '14 hours', '-infinity')
    AND date_time < coalesce($2::timestamptz, timezone('UTC', $4::date) + interval '1 day 12 hours', 'infinity')
    AND local_date_time >= coalesce($3::date, '-infinity')
    AND local_date_time < coalesce($4::date + 1, 'infinity')
    AND (date_time, event_id) > (coalesce($5::timestamptz, '-infinity'), coalesce($6::bigint, 0))
ORDER BY date_time, event_id
LIMIT $7;
