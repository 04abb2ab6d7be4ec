"""Remember what a lesson looks and sounds like, and its phases.

Small pictures and what can be heard are made of lessons that are ready, so that people find their place in them;
phases are what their teacher names. Expand only: the version that still runs asks for none of it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "2026_11_26_2155", "2026_11_26_1330"

TABLES = ("chapter", "sound_strip", "storyboard")


def upgrade() -> None:
    """Make the tables, with their part of the wall between alliances."""
    op.create_table(
        "chapter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("at_ms >= 0", name=op.f("chapter_at_ms_not_negative_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("chapter_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("chapter_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("chapter_alliance_id_id_key")),
        sa.UniqueConstraint("recording_id", "at_ms", name=op.f("chapter_recording_id_at_ms_key")),
    )
    op.create_table(
        "sound_strip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id", "asset_id"],
            ["asset.alliance_id", "asset.id"],
            name=op.f("sound_strip_alliance_id_asset_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sound_strip_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("sound_strip_alliance_id_id_key")),
        sa.UniqueConstraint("asset_id", name=op.f("sound_strip_asset_id_key")),
    )
    op.create_table(
        "storyboard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_keys", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("times_ms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id", "asset_id"],
            ["asset.alliance_id", "asset.id"],
            name=op.f("storyboard_alliance_id_asset_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("storyboard_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("storyboard_alliance_id_id_key")),
        sa.UniqueConstraint("asset_id", name=op.f("storyboard_asset_id_key")),
    )
    for table in TABLES:
        op.execute(f"CREATE POLICY reach ON {table} USING (backrow_reaches(alliance_id))")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Drop them: phases that teachers named are lost; the rest can be made again."""
    for table in TABLES:
        op.drop_table(table)
