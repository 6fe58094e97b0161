"""The group roles, and how a test becomes a member of one."""

import psycopg
from psycopg import sql

API = "ticketing_api"


READER = "ticketing_reader"


def become(db: psycopg.Connection, role: str) -> None:
    db.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
