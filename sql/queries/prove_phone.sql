SELECT
    outcome,
    tries_left,
    (proven).id,
    (proven).name,
    (proven).phone,
    (proven).role,
    (proven).created_at
FROM prove_phone(:token_hash, :code_hash, :take_over);
