"""Keep captions.

What is said in a lesson, to be read; brought by its teacher. Expand only: the version that still runs asks for none.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "2026_11_26_2237", "2026_11_26_2155"


def upgrade() -> None:
    """Make the table, with its part of the wall between alliances."""
    op.create_table(
        "captions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("cues", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("made_by IN ('person', 'machine')", name=op.f("captions_made_by_known_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("captions_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("captions_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("captions_alliance_id_id_key")),
        sa.UniqueConstraint("recording_id", "lang", name=op.f("captions_recording_id_lang_key")),
    )
    op.execute("CREATE POLICY reach ON captions USING (backrow_reaches(alliance_id))")
    op.execute("ALTER TABLE captions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Drop it: captions are lost."""
    op.drop_table("captions")
