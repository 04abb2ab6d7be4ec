"""Name what was noticed, answered and set: feedback, notes, replies, targets; and messages to people.

Notes stand on lessons and on what was agreed.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "2026_11_25_1313", "2026_11_25_1312"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("mail_pk")),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("notification_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notification_pk")),
    )
    op.create_index(op.f("notification_person_id_made_at_ix"), "notification", ["person_id", "made_at"], unique=False)
    op.create_table(
        "target",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by_on", sa.Date(), nullable=True),
        sa.Column("from_try_id", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tried_at IS NULL OR tried_at >= set_at", name=op.f("target_tried_after_setting_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "cycle_id"],
            ["cycle.alliance_id", "cycle.id"],
            name=op.f("target_alliance_id_cycle_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("target_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("target_pk")),
    )
    op.create_index(op.f("target_person_id_ix"), "target", ["person_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("took_away", sa.Text(), nullable=False),
        sa.Column("why_dont_you_try", sa.Text(), nullable=False),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id", "author_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("feedback_alliance_id_author_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "cycle_id"],
            ["cycle.alliance_id", "cycle.id"],
            name=op.f("feedback_alliance_id_cycle_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("feedback_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("feedback_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("feedback_alliance_id_id_key")),
        sa.UniqueConstraint("recording_id", "author_id", name=op.f("feedback_recording_id_author_id_key")),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_ms", sa.Integer(), nullable=True),
        sa.Column("focus_item_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'released') = (feedback_id IS NOT NULL)", name=op.f("note_released_with_its_feedback_ck")
        ),
        sa.CheckConstraint(
            "kind IN ('evidence', 'question', 'took_away', 'try', 'wondering')", name=op.f("note_kind_known_ck")
        ),
        sa.CheckConstraint("state IN ('own', 'released', 'handed_in', 'passed_on')", name=op.f("note_state_known_ck")),
        sa.CheckConstraint("at_ms >= 0", name=op.f("note_at_ms_not_negative_ck")),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name=op.f("note_body_length_ck")),
        sa.CheckConstraint("until_ms IS NULL OR until_ms > at_ms", name=op.f("note_ends_after_it_begins_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "author_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("note_alliance_id_author_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "feedback_id"],
            ["feedback.alliance_id", "feedback.id"],
            name=op.f("note_alliance_id_feedback_id_fk"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "focus_item_id"],
            ["focus_item.alliance_id", "focus_item.id"],
            name=op.f("note_alliance_id_focus_item_id_fk"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("note_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("note_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("note_alliance_id_id_key")),
    )
    op.create_index(op.f("note_author_id_ix"), "note", ["author_id"], unique=False)
    op.create_index(op.f("note_recording_id_at_ms_ix"), "note", ["recording_id", "at_ms"], unique=False)
    op.create_table(
        "response",
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("thanks", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id", "feedback_id"],
            ["feedback.alliance_id", "feedback.id"],
            name=op.f("response_alliance_id_feedback_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("response_pk")),
    )
    op.create_table(
        "try_answer",
        sa.Column("try_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("by_on", sa.Date(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("by_on IS NULL OR choice = 'will_try'", name=op.f("try_answer_a_date_only_to_will_try_ck")),
        sa.CheckConstraint("choice IN ('will_try', 'tried', 'not_for_me')", name=op.f("try_answer_choice_known_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "feedback_id"],
            ["feedback.alliance_id", "feedback.id"],
            name=op.f("try_answer_alliance_id_feedback_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("try_id", name=op.f("try_answer_pk")),
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name=op.f("reply_body_length_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "author_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("reply_alliance_id_author_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "note_id"],
            ["note.alliance_id", "note.id"],
            name=op.f("reply_alliance_id_note_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reply_pk")),
    )
    op.create_index(op.f("reply_note_id_ix"), "reply", ["note_id"], unique=False)


def downgrade() -> None:
    """Refuse: what people keep would go."""
    raise NotImplementedError("This would drop what people keep. Restore a backup into a new folder instead.")
