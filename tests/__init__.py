"""The tests. What is set for a developer's own server does not reach the servers they start."""

import os

from app.settings import Settings

for name in Settings.model_fields:
    os.environ.pop(name.upper(), None)
