-- The command that repairs moved events lies in app.operations now.
-- depends: 0020_return_changed_rows

COMMENT ON VIEW events_at_another_local_time IS
    'Active events to come that start when the venue''s clock, by the rules this server has, '
    'shows another time than the one announced. python -m app.operations.moved_events repairs '
    'them.';
