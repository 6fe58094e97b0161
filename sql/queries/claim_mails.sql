SELECT
    id, token_no, address, purpose, link, created_at, user_name, kind, event_id, event_title,
    booking_id, notice
FROM claim_mails(:token_hashes, :lease);
