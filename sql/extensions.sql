-- Extensions, all shipped with PostgreSQL and trusted: the owner of the database may create them.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;        -- substring search by index
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;       -- 'Café' is found by 'cafe'
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch WITH SCHEMA public;  -- edit distance for typing errors
