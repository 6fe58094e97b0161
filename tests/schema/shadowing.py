"""Sessions whose search_path finds other objects with our names first."""

import psycopg

from tests.support.rows import rows

# The shadows come before PostgreSQL's own schema, and our schema is missing.
SEARCH_PATH = "shadow, pg_catalog"

# Each of these raises an error when it is used: our functions must not look it up by its bare name.
FUNCTIONS = (
    "clock_timestamp()",
    "transaction_timestamp()",
    "current_setting(text, boolean)",
    "set_config(text, text, boolean)",
    "generate_series(integer, integer)",
    "jsonb_object_keys(jsonb)",
    "pg_current_xact_id_if_assigned()",
)
OPERATORS = (
    *((sign, f"public.{name}_status") for sign in ("=", "<>") for name in ("event", "booking")),
    *((sign, "public.ticket_status") for sign in ("=", "<>")),
    *((sign, "bigint") for sign in ("=", "<>", "*")),
    *((sign, "integer") for sign in ("=", "<>", "+", "-", ">")),
    *((sign, "numeric") for sign in ("+", "*", "<>")),
    *((sign, "text") for sign in ("=", "||")),
    *((sign, "jsonb") for sign in ("<>", "||")),
    *((sign, "timestamptz") for sign in ("<=", "<", ">", ">=")),
)


def create_schema(db: psycopg.Connection) -> None:
    """Create a schema `shadow` with tables, functions and operators that have our names."""
    script = ["CREATE SCHEMA shadow"]
    script += [f"CREATE TABLE shadow.{name} (LIKE public.{name})" for name in tables(db)]
    for function in rows(
        db,
        "SELECT proname AS name, pg_get_function_identity_arguments(pg_proc.oid) AS arguments,"
        " pg_get_function_result(pg_proc.oid) AS result FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
        " AND proowner = current_user::regrole",
    ):
        script.append(_trap(f"{function['name']}({function['arguments']})", function["result"]))
    script += [_trap(name, "text") for name in FUNCTIONS]
    for number, (sign, operand) in enumerate(OPERATORS):
        result = operand if sign in {"+", "-", "*", "||"} else "boolean"
        script.append(_trap(f"operator_{number}({operand}, {operand})", result))
        script.append(
            f"CREATE OPERATOR shadow.{sign} (LEFTARG = {operand}, RIGHTARG = {operand},"
            f" FUNCTION = shadow.operator_{number})"
        )
    with db.transaction():
        for statement in script:
            db.execute(statement.encode())


def _trap(signature: str, result: str) -> str:
    return (
        f"CREATE FUNCTION shadow.{signature} RETURNS {result} LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'the shadow was used' USING ERRCODE = 'XX000'; END$$"
    )


def tables(db: psycopg.Connection) -> list[str]:
    """Return the names of our tables."""
    found = rows(
        db,
        "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND relname !~ 'yoyo' ORDER BY 1",
    )
    return [row["name"] for row in found]


def create_temporary_tables(db: psycopg.Connection) -> None:
    """Create a temporary table with the name of each of our tables in this session."""
    for name in tables(db):
        db.execute(f"CREATE TEMP TABLE {name} AS TABLE public.{name} WITH NO DATA".encode())
