-- Takes 0021_name_the_command_of_moved_events back.

COMMENT ON VIEW events_at_another_local_time IS
    'Active events to come that start when the venue''s clock, by the rules this server has, '
    'shows another time than the one announced. python -m app.moved_events repairs them.';
