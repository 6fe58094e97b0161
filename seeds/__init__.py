"""Data to begin with: a demo season, and any amount of generated data."""
