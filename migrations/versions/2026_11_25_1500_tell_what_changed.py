"""Tell open pages what changed. Expand only: the running version knows nothing of these rows.

What many acts can change is told by the database itself, so that no act can forget it: how far a film is, and that the
access of whoever watches may have changed. Events hold ids and fixed words only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "2026_11_25_1500", "2026_11_25_1314"

# Numbered at the commit, one transaction after the other: whoever has read up to a number has missed none below it.
# NOTIFY carries the topic alone (a word and an id); who may know the rest is asked when it is sent.
NUMBER = """
CREATE FUNCTION live_event_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7364128503);
    UPDATE live_event SET id = nextval(pg_get_serial_sequence('live_event', 'id')) WHERE id = NEW.id;
    PERFORM pg_notify('backrow_live', NEW.topic);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER live_event_number AFTER INSERT ON live_event
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION live_event_number();
"""
# To whoever was handed a piece of it lately: the player in front of them asks the policy at once.
ACCESS = """
CREATE FUNCTION live_access_changed(changed uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO live_event (alliance_id, topic, event, data)
    SELECT DISTINCT alliance_id, 'me:' || person_id, 'access.changed', jsonb_build_object('recording_id', changed)
    FROM access_event
    WHERE recording_id = changed AND what = 'segment' AND at > backrow_now() - interval '24 hours'
$$;

CREATE FUNCTION live_recording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, OLD.bound_version_id) IS DISTINCT FROM (NEW.state, NEW.bound_version_id) THEN
        PERFORM live_access_changed(NEW.id);
    END IF;
    IF (OLD.media_state, OLD.media_code, OLD.watchable_ms, OLD.duration_ms, OLD.prepared_percent, OLD.ready_at)
       IS DISTINCT FROM
       (NEW.media_state, NEW.media_code, NEW.watchable_ms, NEW.duration_ms, NEW.prepared_percent, NEW.ready_at) THEN
        INSERT INTO live_event (alliance_id, topic, event, data)
        VALUES (NEW.alliance_id, 'recording:' || NEW.id, 'recording.media', jsonb_build_object(
            'recording_id', NEW.id, 'media_state', NEW.media_state, 'watchable_ms', NEW.watchable_ms,
            'duration_ms', NEW.duration_ms, 'percent', NEW.prepared_percent, 'ready_at', NEW.ready_at,
            'code', NEW.media_code));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER live_recording AFTER UPDATE ON recording FOR EACH ROW EXECUTE FUNCTION live_recording();

CREATE FUNCTION live_protocol_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM live_access_changed(id) FROM recording WHERE project_id = NEW.project_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER live_protocol_version AFTER UPDATE OF state ON protocol_version
FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION live_protocol_version();

CREATE FUNCTION live_objection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM live_access_changed(id) FROM recording
    WHERE school_id = NEW.school_id AND lower(trim(class_code)) = lower(trim(NEW.class_code))
      AND recorded_on >= NEW.from_on AND (NEW.until_on IS NULL OR recorded_on <= NEW.until_on);
    RETURN NULL;
END
$$;
CREATE TRIGGER live_objection AFTER INSERT ON objection FOR EACH ROW EXECUTE FUNCTION live_objection();
"""


def upgrade() -> None:
    """Make the table of events, and what writes and numbers them."""
    op.create_table(
        "live_event",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("backrow_now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("live_event_pk")),
    )
    op.create_index(op.f("live_event_topic_id_ix"), "live_event", ["topic", "id"])
    op.create_index(op.f("live_event_made_at_ix"), "live_event", ["made_at"])
    op.execute(NUMBER)
    op.execute(ACCESS)


def downgrade() -> None:
    """Tell nothing any more."""
    for table in ("objection", "protocol_version", "recording"):
        op.execute(f"DROP TRIGGER live_{table} ON {table}")
        op.execute(f"DROP FUNCTION live_{table}()")
    op.execute("DROP FUNCTION live_access_changed(uuid)")
    op.drop_table("live_event")
    op.execute("DROP FUNCTION live_event_number()")
