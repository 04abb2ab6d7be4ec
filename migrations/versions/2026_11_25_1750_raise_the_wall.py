"""Raise the second wall: each transaction reaches the rows of the alliance that it has named, and no others.

Row-level security, forced: the tables' owner is held by it too, and only the superuser walks past. A transaction that
names no alliance reaches nothing, so a forgotten condition shows nothing instead of everything. What serves every
alliance (workers, commands, the doors) names `*`.

From this step on the running version of Backrow must name its alliance: stop it before migrating.
"""

from alembic import op

revision, down_revision = "2026_11_25_1750", "2026_11_25_1500"

TABLES = (
    "access_event",
    "agreement",
    "asset",
    "audit_event",
    "briefing",
    "chunk",
    "clip",
    "consent",
    "cycle",
    "data_case",
    "feedback",
    "focus_item",
    "guest_link",
    "hold",
    "invitation",
    "live_event",
    "membership",
    "note",
    "notification",
    "objection",
    "objection_settled",
    "participant",
    "person",
    "place",
    "project",
    "protocol_version",
    "recording",
    "rendition",
    "reply",
    "response",
    "roster_entry",
    "school",
    "segment",
    "target",
    "tombstone",
    "training",
    "try_answer",
    "upload",
    "upload_part",
    "viewing_window",
)
# Asked once for each row: a plain expression, which the planner puts into the query, and no call.
REACHES = """
CREATE FUNCTION backrow_reaches(alliance uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN current_setting('backrow.alliance', true) IN ('*', alliance::text);
COMMENT ON FUNCTION backrow_reaches(uuid) IS 'Whether this transaction has named the alliance';
"""
# The chain is one for the whole machine: a link follows the last of all, whichever alliance that is of. (A setting of
# the function itself would be neater; only a superuser may give it one.)
CHAIN = """
CREATE OR REPLACE FUNCTION audit_event_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last audit_event;
    reach text := coalesce(current_setting('backrow.alliance', true), '');
BEGIN
    -- One at a time, so that each row follows exactly one other.
    PERFORM pg_advisory_xact_lock(7364128502);
    PERFORM set_config('backrow.alliance', '*', true);
    SELECT * INTO last FROM audit_event ORDER BY number DESC LIMIT 1;
    PERFORM set_config('backrow.alliance', reach, true);
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.before_hash := coalesce(last.hash, '');
    NEW.hash := encode(sha256(convert_to(jsonb_build_array(
        NEW.number, extract(epoch FROM NEW.at), NEW.alliance_id, NEW.actor_id, NEW.what, NEW.thing_kind, NEW.thing_id, NEW.rule,
        NEW.from_state, NEW.to_state, NEW.count, NEW.request_id, NEW.before_hash
    )::text, 'UTF8')), 'hex');
    RETURN NEW;
END
$$;
"""


def upgrade() -> None:
    """Close every table that holds an alliance's rows."""
    op.execute(REACHES)
    for table in TABLES:
        _close(table, "alliance_id")
    _close("alliance", "id")
    op.execute(CHAIN)


def downgrade() -> None:
    """Take the wall down; the policy alone decides again. The chain goes on as it is."""
    for table in (*TABLES, "alliance"):
        op.execute(f"DROP POLICY reach ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION backrow_reaches(uuid)")


def _close(table: str, column: str) -> None:
    op.execute(f"CREATE POLICY reach ON {table} USING (backrow_reaches({column}))")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
