"""A journal on PostgreSQL needs no queue beside it: the tables of earlier versions' queue are removed."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = ("erpmap_jobs", "erpmap_jobs_log", "erpmap_jobs_statistics", "erpmap_jobs_schedules")


def upgrade() -> None:
    """Drop what PgQueuer had created; the deliveries themselves say what is due."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _TABLES:
        op.execute(f"drop table if exists {table} cascade")
    op.execute("drop function if exists fn_erpmap_jobs_changed() cascade")
    op.execute("drop type if exists erpmap_jobs_status cascade")
