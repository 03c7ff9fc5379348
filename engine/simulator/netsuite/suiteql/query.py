"""`POST /services/rest/query/v1/suiteql`: a query in the body, its rows page by page.

Sources: Oracle, section_157909186990 (`Prefer: transient`, 1000 rows a page) and section_158394344595.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ..bodies import parse_body
from ..record_view import render_collection
from ..records import RecordCall, read_page
from ..refusals import RefusalDetail, RefusalError, invalid_content
from ..responses import COLLECTION, respond_json
from .database import Database

PATH = "/services/rest/query/v1/suiteql"


def run_query(database: Database, call: RecordCall) -> Response:
    """Return a page of a query's rows: values are texts, nulls are left out."""
    if call.headers.get("prefer", "").replace(" ", "").lower() != "transient":
        words = "The required request header 'Prefer' is missing or is not 'transient'."
        raise RefusalError(400, [RefusalDetail("INVALID_PARAMETER", words)])
    query = parse_body(call.data).get("q")
    if not isinstance(query, str) or not query.strip():
        raise invalid_content()
    limit, offset = read_page(call.query)
    here = call.base.rpartition("/record/")[0] + "/query/v1/suiteql"
    names, rows = database.select_rows(query)
    items = [_render_row(names, row) for row in rows[offset : offset + limit]]
    return respond_json(render_collection(items, here, total=len(rows), offset=offset), COLLECTION)


def _render_row(names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    values = zip(names, row, strict=True)
    return {"links": [], **{name: str(value) for name, value in values if value is not None}}
