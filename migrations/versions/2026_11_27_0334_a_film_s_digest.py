"""A film's digest.

The same film sent again by the same teacher is found by it, and not encoded twice. Expand only: the version that still
runs writes none, and such films are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "2026_11_27_0334", "2026_11_27_0151"


def upgrade() -> None:
    """Add the column, empty, and its index."""
    op.add_column("asset", sa.Column("digest", sa.Text(), nullable=True))
    op.create_index(op.f("asset_digest_ix"), "asset", ["digest"], unique=False)


def downgrade() -> None:
    """Take it back: nothing is lost but the saving."""
    op.drop_index(op.f("asset_digest_ix"), table_name="asset")
    op.drop_column("asset", "digest")
