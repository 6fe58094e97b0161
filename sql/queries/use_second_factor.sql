-- Either :step, or else :code_hash.
SELECT use_second_factor(:attempt_id, :user_id, :step, :code_hash);
