"""Name the lessons: recordings, uploads, what is made of a film, who was handed which part.

The application may add to the log of who watched, never change it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "2026_11_25_1312", "2026_11_25_1311"

REVOKED = "REVOKE UPDATE, TRUNCATE ON access_event FROM backrow_app"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "access_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=True),
        sa.Column("from_ms", sa.Integer(), nullable=True),
        sa.Column("until_ms", sa.Integer(), nullable=True),
        sa.Column("rendition", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("access_event_pk")),
    )
    op.create_index(op.f("access_event_person_id_at_ix"), "access_event", ["person_id", "at"], unique=False)
    op.create_index(op.f("access_event_recording_id_at_ix"), "access_event", ["recording_id", "at"], unique=False)
    op.create_table(
        "recording",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("delete_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("serve", sa.Text(), nullable=False),
        sa.Column("bound_version_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("media_state", sa.Text(), nullable=False),
        sa.Column("media_code", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("watchable_ms", sa.Integer(), nullable=False),
        sa.Column("prepared_percent", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erase_cause", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "media_state IN ('waiting', 'probing', 'preparing', 'watchable', 'ready', 'needs_attention')",
            name=op.f("recording_media_state_known_ck"),
        ),
        sa.CheckConstraint("serve IN ('source', 'blurred')", name=op.f("recording_serve_known_ck")),
        sa.CheckConstraint(
            "state IN ('private', 'shared', 'paused', 'withdrawn', 'erasing', 'erased')",
            name=op.f("recording_state_known_ck"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('shared', 'paused') OR bound_version_id IS NOT NULL",
            name=op.f("recording_shared_is_bound_ck"),
        ),
        sa.CheckConstraint("duration_ms IS NULL OR duration_ms >= 0", name=op.f("recording_duration_not_negative_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "bound_version_id"],
            ["protocol_version.alliance_id", "protocol_version.id"],
            name=op.f("recording_alliance_id_bound_version_id_fk"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "cycle_id"],
            ["cycle.alliance_id", "cycle.id"],
            name=op.f("recording_alliance_id_cycle_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "owner_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("recording_alliance_id_owner_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "project_id"],
            ["project.alliance_id", "project.id"],
            name=op.f("recording_alliance_id_project_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "school_id"],
            ["school.alliance_id", "school.id"],
            name=op.f("recording_alliance_id_school_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("recording_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("recording_alliance_id_id_key")),
    )
    op.create_index(
        "recording_one_per_cycle",
        "recording",
        ["cycle_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('erasing', 'erased')"),
    )
    op.create_index(op.f("recording_owner_id_ix"), "recording", ["owner_id"], unique=False)
    op.create_index(op.f("recording_project_id_ix"), "recording", ["project_id"], unique=False)
    op.create_table(
        "asset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("poster_key", sa.Text(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('source', 'small_copy', 'blurred_copy')", name=op.f("asset_kind_known_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("asset_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("asset_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("asset_alliance_id_id_key")),
        sa.UniqueConstraint("recording_id", "kind", name=op.f("asset_recording_id_kind_key")),
    )
    op.create_table(
        "clip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("in_ms", sa.Integer(), nullable=False),
        sa.Column("out_ms", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("in_ms >= 0 AND out_ms > in_ms", name=op.f("clip_ends_after_it_begins_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "author_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("clip_alliance_id_author_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("clip_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("clip_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("clip_alliance_id_id_key")),
    )
    op.create_index(op.f("clip_recording_id_in_ms_ix"), "clip", ["recording_id", "in_ms"], unique=False)
    op.create_table(
        "data_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("data_case_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("data_case_pk")),
    )
    op.create_index(op.f("data_case_recording_id_ix"), "data_case", ["recording_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("hold_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hold_pk")),
    )
    op.create_index(
        "hold_one_open", "hold", ["recording_id"], unique=True, postgresql_where=sa.text("lifted_at IS NULL")
    )
    op.create_table(
        "objection_settled",
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id", "objection_id"],
            ["objection.alliance_id", "objection.id"],
            name=op.f("objection_settled_alliance_id_objection_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("objection_settled_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("objection_id", "recording_id", name=op.f("objection_settled_pk")),
    )
    op.create_table(
        "place",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("played_ms", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("at_ms >= 0", name=op.f("place_at_ms_not_negative_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("place_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("place_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", "person_id", name=op.f("place_pk")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("part_bytes", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("storage_upload_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('source', 'small_copy', 'blurred_copy')", name=op.f("upload_kind_known_ck")),
        sa.CheckConstraint(
            "state IN ('open', 'completing', 'verifying', 'verified', 'mismatch', 'needs_attention', 'expired', 'erased')",
            name=op.f("upload_state_known_ck"),
        ),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("upload_size_not_negative_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("upload_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("upload_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("upload_alliance_id_id_key")),
    )
    op.create_index(op.f("upload_recording_id_ix"), "upload", ["recording_id"], unique=False)
    op.create_index(op.f("upload_state_touched_at_ix"), "upload", ["state", "touched_at"], unique=False)
    op.create_table(
        "viewing_window",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "until_at > from_at AND until_at <= from_at + interval '60 minutes'",
            name=op.f("viewing_window_an_hour_at_most_ck"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "pupil_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("viewing_window_alliance_id_pupil_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("viewing_window_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("viewing_window_pk")),
    )
    op.create_table(
        "chunk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("in_ms", sa.Integer(), nullable=False),
        sa.Column("out_ms", sa.Integer(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('picture', 'sound')", name=op.f("chunk_kind_known_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "asset_id"],
            ["asset.alliance_id", "asset.id"],
            name=op.f("chunk_alliance_id_asset_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("chunk_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("chunk_alliance_id_id_key")),
        sa.UniqueConstraint("asset_id", "kind", "number", name=op.f("chunk_asset_id_kind_number_key")),
    )
    op.create_index(
        "chunk_waiting", "chunk", ["lease_until"], unique=False, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_table(
        "rendition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("codecs", sa.Text(), nullable=True),
        sa.Column("init_key", sa.Text(), nullable=True),
        sa.Column("init_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('picture', 'sound')", name=op.f("rendition_kind_known_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "asset_id"],
            ["asset.alliance_id", "asset.id"],
            name=op.f("rendition_alliance_id_asset_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("rendition_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("rendition_alliance_id_id_key")),
        sa.UniqueConstraint("asset_id", "name", name=op.f("rendition_asset_id_name_key")),
    )
    op.create_table(
        "upload_part",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 10000", name=op.f("upload_part_number_in_range_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "upload_id"],
            ["upload.alliance_id", "upload.id"],
            name=op.f("upload_part_alliance_id_upload_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("upload_part_pk")),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("chunk_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start_ticks", sa.BigInteger(), nullable=False),
        sa.Column("duration_ticks", sa.BigInteger(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id", "chunk_id"],
            ["chunk.alliance_id", "chunk.id"],
            name=op.f("segment_alliance_id_chunk_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "rendition_id"],
            ["rendition.alliance_id", "rendition.id"],
            name=op.f("segment_alliance_id_rendition_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("segment_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("segment_alliance_id_id_key")),
        sa.UniqueConstraint("rendition_id", "number", name=op.f("segment_rendition_id_number_key")),
    )
    op.create_index(op.f("segment_chunk_id_ix"), "segment", ["chunk_id"], unique=False)
    op.execute(REVOKED)


def downgrade() -> None:
    """Refuse: what people keep would go."""
    raise NotImplementedError("This would drop what people keep. Restore a backup into a new folder instead.")
