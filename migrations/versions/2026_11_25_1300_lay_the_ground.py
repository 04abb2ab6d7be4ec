"""Lay the ground: the application's role and its rights, the one clock, the job queue's own tables.

Every table that the owner's role makes later is open to `backrow_app` for reading, adding, changing and deleting;
a step that makes an append-only table takes the last two back, in the same step:

    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON audit_event FROM backrow_app")
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision, down_revision = "2026_11_25_1300", None

# An installation whose database is kept by somebody else may have made the role already, or may not let us.
ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backrow_app') THEN
        CREATE ROLE backrow_app NOLOGIN;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'The role backrow_app is missing and this account may not make it. '
        'Ask whoever keeps the database for: CREATE ROLE backrow_app NOLOGIN';
END
$$
"""
RIGHTS = """
GRANT USAGE ON SCHEMA public TO backrow_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO backrow_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO backrow_app;
GRANT SELECT ON alembic_version TO backrow_app;
"""
# Every deadline asks this function, so that no machine's own clock decides who may watch. The tests' database, and
# no other, replaces it by one that can be moved; the application's role doesn't own it and so can't.
CLOCK = """
CREATE FUNCTION backrow_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN now();
COMMENT ON FUNCTION backrow_now() IS 'What time it is, for every rule';
"""


def upgrade() -> None:
    """Make role, rights, clock and queue; the queue's tables are those of the package that the lock pins."""
    op.execute(ROLE)
    op.execute(RIGHTS)
    op.execute(CLOCK)
    queue = op.get_bind().connection.driver_connection
    # Without parameters the driver sends the whole script at once and leaves its percent signs alone.
    queue.execute(SchemaManager.get_schema())
    # A later step that upgrades the queue reads here where to begin.
    op.execute("COMMENT ON TABLE procrastinate_jobs IS '3.10.0'")


def downgrade() -> None:
    """Refuse: below this there is nothing that Backrow could run on."""
    raise NotImplementedError("This is the first step. Restore a backup into a new folder instead.")
