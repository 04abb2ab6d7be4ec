"""Keep the proof: the audit chain, tombstones, and the answers to requests that may be sent twice.

The application may add to the audit chain and read it, never change it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "2026_11_25_1314", "2026_11_25_1313"

# Time, order and hashes are the database's own: nobody can choose them, and a changed or missing row breaks the chain.
AUDIT_CHAIN = """
CREATE FUNCTION audit_event_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last audit_event;
BEGIN
    -- One at a time, so that each row follows exactly one other.
    PERFORM pg_advisory_xact_lock(7364128502);
    SELECT * INTO last FROM audit_event ORDER BY number DESC LIMIT 1;
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
CREATE TRIGGER audit_event_chain BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_event_chain();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_event FROM backrow_app;
REVOKE UPDATE, DELETE, TRUNCATE ON tombstone FROM backrow_app;
"""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit_event",
        sa.Column("number", sa.BigInteger(), server_default=sa.text("0"), autoincrement=False, nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("thing_kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("before_hash", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_event_pk")),
    )
    op.create_index(op.f("audit_event_actor_id_ix"), "audit_event", ["actor_id"], unique=False)
    op.create_index(op.f("audit_event_thing_id_ix"), "audit_event", ["thing_id"], unique=False)
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("kept_answer_pk")),
        sa.UniqueConstraint("person_id", "route", "key", name=op.f("kept_answer_person_id_route_key_key")),
    )
    op.create_index(op.f("kept_answer_made_at_ix"), "kept_answer", ["made_at"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("tombstone_pk")),
    )
    op.execute(AUDIT_CHAIN)


def downgrade() -> None:
    """Refuse: what people keep would go."""
    raise NotImplementedError("This would drop what people keep. Restore a backup into a new folder instead.")
