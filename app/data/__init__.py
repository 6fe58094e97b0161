"""How the API asks the database. Nothing here knows of HTTP."""
