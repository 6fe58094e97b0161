-- For `make admin`, as the owner of the database: the API may not do this.
SELECT make_admin(:name, :phone, :password_hash);
