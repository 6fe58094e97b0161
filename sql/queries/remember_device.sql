SELECT remember_device(:user_id, :old_hash, :new_hash, :address::inet);
