"""What `make` runs: environment, Node, the embedded PostgreSQL, the server.

Most of it runs before any package is installed, so it uses the standard library alone.
"""
