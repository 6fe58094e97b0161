-- What was removed stays removed.

DROP FUNCTION has_direction_overrides;
