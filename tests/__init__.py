"""The tests. Settings of a developer's own server do not reach the servers that tests start."""

import os

from app.settings import Settings

for name in Settings.model_fields:
    os.environ.pop(name.upper(), None)
