"""Lists of events and searches: parameters, and the indexes that must be used."""

from tests.schema.plan_case import (
    ANY_EVENT,
    ANY_WORD,
    FIRST_EVENTS,
    FIRST_SORTED,
    LATER,
    LATER_EVENTS,
    MATCHES,
    NO_BOUNDS,
    PUPPETRY,
    QUOKKA,
    TODAY,
    Case,
)

EVENT_CASES = [
    Case("list_admin_events_by_date", {**ANY_EVENT, **FIRST_EVENTS}, {"events_by_date_time"}),
    Case("list_admin_events_by_date", {**ANY_EVENT, **LATER_EVENTS}, {"events_by_date_time"}),
    Case("list_admin_events_by_date", {**QUOKKA, **FIRST_EVENTS}, {"events_search"}),
    Case("list_admin_events_by_date", {**PUPPETRY, **FIRST_EVENTS}, {"events_by_category"}),
    Case(
        "list_admin_events_by_date_reversed",
        {**ANY_EVENT, **FIRST_EVENTS},
        {"events_by_date_time"},
    ),
    Case(
        "list_admin_events_by_date_reversed",
        {**ANY_EVENT, **LATER_EVENTS},
        {"events_by_date_time"},
    ),
    # Figures change with every sale, so they have no index.
    Case(
        "list_admin_events_by_figure",
        {**ANY_EVENT, "figure": "revenue", "direction": -1, **FIRST_SORTED},
        {"events_pkey"},
        {"events"},
    ),
    Case("list_admin_events_by_title", {**ANY_EVENT, **FIRST_SORTED}, {"events_pkey"}, {"events"}),
    Case(
        "list_admin_events_by_title_reversed",
        {**ANY_EVENT, **FIRST_SORTED},
        {"events_pkey"},
        {"events"},
    ),
    Case("list_events", {**NO_BOUNDS, **FIRST_EVENTS}, {"events_by_date_time"}),
    Case("list_events", {**NO_BOUNDS, **LATER_EVENTS}, {"events_by_date_time"}),
    Case(
        "list_events",
        {**NO_BOUNDS, "from_day": TODAY, "to_day": TODAY, **FIRST_EVENTS},
        {"events_by_date_time"},
    ),
    Case("list_events", {**NO_BOUNDS, "from_time": LATER, **FIRST_EVENTS}, {"events_by_date_time"}),
    Case("list_categories", {}, {"events_by_category"}),
    *(
        Case(
            "list_events_of_category",
            {"category": category, **NO_BOUNDS, **bounds, **after},
            {"events_by_category"},
        )
        for category in ("CONCERT", "Puppetry", "None such")
        for bounds in ({}, {"from_day": TODAY, "to_day": TODAY})
        for after in (FIRST_EVENTS, LATER_EVENTS)
    ),
    Case(
        "list_events_by_status",
        {**ANY_EVENT, **NO_BOUNDS, **FIRST_EVENTS},
        {"events_by_date_time"},
    ),
    Case(
        "list_events_by_status",
        {**ANY_EVENT, "status": "cancelled", **NO_BOUNDS, **FIRST_EVENTS},
        {"events_by_date_time"},
    ),
    Case(
        "list_events_by_status",
        {**QUOKKA, **NO_BOUNDS, **FIRST_EVENTS},
        {"events_search"},
    ),
    Case(
        "search_events",
        {"search": "quokka", "category": None, **MATCHES},
        {"events_search", "events_pkey"},
        ANY_WORD,
    ),
    Case(
        "search_events",
        {"search": "zydeko", "category": None, **MATCHES},
        {"events_search"},
        ANY_WORD,
    ),
    Case("sum_admin_events", ANY_EVENT, set(), {"events"}),
    Case("sum_admin_events", QUOKKA, {"events_search"}, {"events"}),
    Case("sum_admin_events", PUPPETRY, {"events_by_category"}, {"events"}),
]
