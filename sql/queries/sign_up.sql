SELECT id, name, phone, role, created_at
FROM sign_up(:name, :phone, :password_hash);
