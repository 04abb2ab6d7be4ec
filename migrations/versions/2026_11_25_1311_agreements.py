"""Name what people agree on: projects, protocols, signatures, turns, yeses and objections.

A signed protocol is the permission; its tables stand before any lesson.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "2026_11_25_1311", "2026_11_25_1310"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("group_kind IN ('pair', 'triad', 'cohort')", name=op.f("project_group_kind_known_ck")),
        sa.CheckConstraint("kind IN ('peer_observation')", name=op.f("project_kind_known_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("project_alliance_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("project_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("project_alliance_id_id_key")),
    )
    op.create_index(op.f("project_alliance_id_ix"), "project", ["alliance_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("wording_version", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('detective', 'library')", name=op.f("consent_kind_known_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("consent_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("consent_pk")),
        sa.UniqueConstraint("person_id", "kind", name=op.f("consent_person_id_kind_key")),
    )
    op.create_table(
        "cycle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("feedback_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('begun', 'briefed', 'recorded', 'observing', 'fed_back', 'responded', 'closed')",
            name=op.f("cycle_state_known_ck"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "project_id"],
            ["project.alliance_id", "project.id"],
            name=op.f("cycle_alliance_id_project_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "teacher_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("cycle_alliance_id_teacher_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cycle_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("cycle_alliance_id_id_key")),
        sa.UniqueConstraint("project_id", "number", name=op.f("cycle_project_id_number_key")),
    )
    op.create_index(op.f("cycle_teacher_id_ix"), "cycle", ["teacher_id"], unique=False)
    op.create_table(
        "guest_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("guest_link_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "project_id"],
            ["project.alliance_id", "project.id"],
            name=op.f("guest_link_alliance_id_project_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("guest_link_pk")),
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("objection_dates_in_order_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "school_id"],
            ["school.alliance_id", "school.id"],
            name=op.f("objection_alliance_id_school_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("objection_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("objection_alliance_id_id_key")),
    )
    op.create_index(op.f("objection_school_id_class_code_ix"), "objection", ["school_id", "class_code"], unique=False)
    op.create_table(
        "participant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "capacity IN ('teacher', 'observer', 'mentor', 'moderator', 'detective', 'guest')",
            name=op.f("participant_capacity_known_ck"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("participant_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "project_id"],
            ["project.alliance_id", "project.id"],
            name=op.f("participant_alliance_id_project_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("participant_pk")),
        sa.UniqueConstraint("project_id", "person_id", name=op.f("participant_project_id_person_id_key")),
    )
    op.create_table(
        "protocol_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("principles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note_kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("feedback_days", sa.Integer(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("readers", sa.Text(), nullable=False),
        sa.Column("clips_by", sa.Text(), nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("download", sa.Text(), nullable=False),
        sa.Column("export", sa.Text(), nullable=False),
        sa.Column("pupils", sa.Text(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erase_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after_erase", sa.Text(), nullable=False),
        sa.Column("text_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "after_erase IN ('erase', 'teacher_keeps_text')", name=op.f("protocol_version_after_erase_known_ck")
        ),
        sa.CheckConstraint("clips_by IN ('owner', 'watchers')", name=op.f("protocol_version_clips_by_known_ck")),
        sa.CheckConstraint(
            "download IN ('nobody', 'owner', 'watchers')", name=op.f("protocol_version_download_known_ck")
        ),
        sa.CheckConstraint("export IN ('yes', 'no')", name=op.f("protocol_version_export_known_ck")),
        sa.CheckConstraint("kind IN ('first', 'clauses', 'people')", name=op.f("protocol_version_kind_known_ck")),
        sa.CheckConstraint("library IN ('no', 'clips', 'lessons')", name=op.f("protocol_version_library_known_ck")),
        sa.CheckConstraint("pupils IN ('yes', 'no')", name=op.f("protocol_version_pupils_known_ck")),
        sa.CheckConstraint("readers IN ('teacher', 'group')", name=op.f("protocol_version_readers_known_ck")),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'in_force', 'superseded', 'dropped')",
            name=op.f("protocol_version_state_known_ck"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "project_id"],
            ["project.alliance_id", "project.id"],
            name=op.f("protocol_version_alliance_id_project_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("protocol_version_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("protocol_version_alliance_id_id_key")),
        sa.UniqueConstraint("project_id", "number", name=op.f("protocol_version_project_id_number_key")),
    )
    op.create_index(
        "protocol_version_one_in_force",
        "protocol_version",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("state = 'in_force'"),
    )
    op.create_index(
        "protocol_version_one_proposed",
        "protocol_version",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "training",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("training_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("training_pk")),
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("typed_name", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("agreement_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "version_id"],
            ["protocol_version.alliance_id", "protocol_version.id"],
            name=op.f("agreement_alliance_id_version_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("agreement_pk")),
        sa.UniqueConstraint("version_id", "person_id", name=op.f("agreement_version_id_person_id_key")),
    )
    op.create_table(
        "briefing",
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hopes", sa.Text(), nullable=False),
        sa.Column("focus_item_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id", "cycle_id"],
            ["cycle.alliance_id", "cycle.id"],
            name=op.f("briefing_alliance_id_cycle_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("cycle_id", name=op.f("briefing_pk")),
    )
    op.create_table(
        "focus_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("look_fors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id", "version_id"],
            ["protocol_version.alliance_id", "protocol_version.id"],
            name=op.f("focus_item_alliance_id_version_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("focus_item_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("focus_item_alliance_id_id_key")),
    )
    op.create_index(op.f("focus_item_version_id_ix"), "focus_item", ["version_id"], unique=False)
    op.create_table(
        "roster_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("watches", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "capacity IN ('teacher', 'observer', 'mentor', 'moderator', 'detective', 'guest')",
            name=op.f("roster_entry_capacity_known_ck"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("roster_entry_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "version_id"],
            ["protocol_version.alliance_id", "protocol_version.id"],
            name=op.f("roster_entry_alliance_id_version_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("roster_entry_pk")),
        sa.UniqueConstraint("version_id", "person_id", name=op.f("roster_entry_version_id_person_id_key")),
    )
    op.create_index(op.f("roster_entry_person_id_ix"), "roster_entry", ["person_id"], unique=False)


def downgrade() -> None:
    """Refuse: what people keep would go."""
    raise NotImplementedError("This would drop what people keep. Restore a backup into a new folder instead.")
