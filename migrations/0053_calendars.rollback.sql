-- The private calendar addresses of customers go: their calendar programs are told nothing more.

DROP VIEW calendar_entries;
DROP FUNCTION end_calendar;
DROP FUNCTION make_calendar;
DROP TABLE calendars;
