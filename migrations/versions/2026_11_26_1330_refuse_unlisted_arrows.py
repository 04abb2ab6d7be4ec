"""Refuse each change of state that the rule book doesn't list. Expand only: the running version makes no other.

The application's functions refuse them already; this holds for whatever comes past them, a command or a mistake to come.
Rows are still born in any state: what may be born how is each table's own check.
"""

from alembic import op

revision, down_revision = "2026_11_26_1330", "2026_11_25_1750"

ARROWS = {
    "recording": (
        "private>shared",
        "withdrawn>shared",
        "shared>paused",
        "paused>shared",
        "shared>withdrawn",
        "paused>withdrawn",
        "private>erasing",
        "shared>erasing",
        "paused>erasing",
        "withdrawn>erasing",
        "erasing>erased",
    ),
    "upload": (
        "open>completing",
        "open>expired",
        "open>erased",
        "completing>open",
        "completing>verifying",
        "completing>expired",
        "verifying>verified",
        "verifying>mismatch",
        "verifying>needs_attention",
        "verified>needs_attention",
        "mismatch>completing",
        "mismatch>expired",
        "mismatch>erased",
        "needs_attention>verifying",
        "needs_attention>verified",
        "needs_attention>mismatch",
        "needs_attention>erased",
    ),
    "protocol_version": ("draft>proposed", "proposed>in_force", "proposed>dropped", "in_force>superseded"),
    "note": ("own>released", "released>own", "own>handed_in", "handed_in>own", "handed_in>passed_on"),
    # An account that was ended lives again when its person takes up a new invitation.
    "account": ("active>suspended", "suspended>active", "active>ended", "suspended>ended", "ended>active"),
}
REFUSE = """
CREATE FUNCTION backrow_arrow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state || '>' || NEW.state) <> ALL (TG_ARGV) THEN
        RAISE EXCEPTION '% can''t go from % to %', TG_TABLE_NAME, OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_arrows';
    END IF;
    RETURN NEW;
END
$$;
"""


def upgrade() -> None:
    """Guard the state of each table that has arrows."""
    op.execute(REFUSE)
    for table, arrows in ARROWS.items():
        listed = ", ".join(f"'{arrow}'" for arrow in arrows)
        op.execute(
            f"CREATE TRIGGER {table}_arrows BEFORE UPDATE OF state ON {table} "
            f"FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION backrow_arrow({listed})"
        )


def downgrade() -> None:
    """Leave it to the application alone again."""
    for table in ARROWS:
        op.execute(f"DROP TRIGGER {table}_arrows ON {table}")
    op.execute("DROP FUNCTION backrow_arrow()")
