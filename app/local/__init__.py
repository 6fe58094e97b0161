"""What `make` needs besides other programs: set-up, the embedded PostgreSQL, `make run`.

Much of it runs before any package is installed, so it uses the standard library alone. Nothing
else in app/ imports it.
"""
