"""The API of Marquee: Starlette handlers over raw SQL."""
