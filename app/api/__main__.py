"""Print the OpenAPI document, from which the frontend generates its types: `python -m app.api`."""

import sys

import orjson

from app.api import ENDPOINTS
from app.http.openapi import document

if __name__ == "__main__":
    written = orjson.dumps(document(ENDPOINTS), option=orjson.OPT_INDENT_2)
    sys.stdout.write(f"{written.decode()}\n")
