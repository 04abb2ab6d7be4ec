"""A second pass for the best size.

While many lessons wait, their best size is put off: as pieces of a kind of their own. Expand only: the version that
still runs makes none of them, and would do one like any other.
"""

from alembic import op

revision, down_revision = "2026_11_27_0400", "2026_11_27_0334"
_KNOWN = "chunk_kind_known_ck"


def upgrade() -> None:
    """Let there be a third kind."""
    op.drop_constraint(op.f(_KNOWN), "chunk", type_="check")
    op.create_check_constraint(op.f(_KNOWN), "chunk", "kind IN ('picture', 'sound', 'best')")


def downgrade() -> None:
    """Forget what was put off; lessons stay as they are, without their best size."""
    op.execute("DELETE FROM chunk WHERE kind = 'best'")
    op.drop_constraint(op.f(_KNOWN), "chunk", type_="check")
    op.create_check_constraint(op.f(_KNOWN), "chunk", "kind IN ('picture', 'sound')")
