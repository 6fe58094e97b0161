-- event_words: the distinct words of active events' titles and venues, so that a mistyped word
-- can be corrected. Triggers on events keep it. Nobody reads these words in alphabetical order,
-- so their order is that of code points (COLLATE "C"), which no new version of the operating
-- system's library changes: an index is never in the wrong order after an upgrade.

CREATE TABLE event_words (
    word               text COLLATE "C"   NOT NULL,
    events_count       integer            NOT NULL,
    one_letter_shorter text[] COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (one_letter_shorter(word)) STORED,
    CONSTRAINT event_words_pkey PRIMARY KEY (word),
    CONSTRAINT event_words_events_count_not_negative CHECK (events_count >= 0)
);

-- correct_word(): one typing error, in words too short for trigrams to recognise.
CREATE INDEX event_words_one_letter_shorter ON event_words USING gin (one_letter_shorter);

-- correct_word(): more than one typing error in a long word.
CREATE INDEX event_words_trigrams ON event_words USING gin (word gin_trgm_ops);

COMMENT ON TABLE event_words IS
    'Distinct words of active events, as searches compare them; kept by triggers on events. An '
    'event that is over counts until somebody completes it.';
COMMENT ON COLUMN event_words.events_count IS
    'How many active events have the word; at 0 the row is deleted.';
COMMENT ON COLUMN event_words.one_letter_shorter IS
    'The word, and the word without one letter, for each of its letters. Two words that are one '
    'typing error apart share an entry.';
COMMENT ON INDEX event_words_one_letter_shorter IS 'For correct_word: words one typing error away.';
COMMENT ON INDEX event_words_trigrams IS 'For correct_word: longer words further away.';
