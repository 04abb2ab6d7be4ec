"""Name the people: alliances, schools, accounts, memberships, and the links that lead to them.

Everything else names people, so their tables come first.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "2026_11_25_1310", "2026_11_25_1300"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content_locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('active', 'suspended', 'ended')", name=op.f("account_state_known_ck")),
        sa.CheckConstraint("email = lower(email)", name=op.f("account_email_in_lower_case_ck")),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pk")),
        sa.UniqueConstraint("email", name=op.f("account_email_key")),
    )
    op.create_table(
        "alliance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("new_teacher_word", sa.Text(), nullable=False),
        sa.Column("largest_bytes", sa.BigInteger(), nullable=False),
        sa.Column("longest_min", sa.Integer(), nullable=False),
        sa.Column("private_max_days", sa.Integer(), nullable=False),
        sa.Column("max_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("max_days BETWEEN 1 AND 731", name=op.f("alliance_max_days_sane_ck")),
        sa.CheckConstraint("private_max_days BETWEEN 1 AND 366", name=op.f("alliance_private_max_days_sane_ck")),
        sa.PrimaryKeyConstraint("id", name=op.f("alliance_pk")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tries_left", sa.Double(), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("throttle_pk")),
    )
    op.create_index(op.f("throttle_refilled_at_ix"), "throttle", ["refilled_at"], unique=False)
    op.create_table(
        "account_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('sign_in', 'reset')", name=op.f("account_link_purpose_known_ck")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("account_link_account_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("account_link_pk")),
        sa.UniqueConstraint("secret_hash", name=op.f("account_link_secret_hash_key")),
    )
    op.create_index(op.f("account_link_account_id_ix"), "account_link", ["account_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("person_account_id_fk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("person_alliance_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("person_pk")),
        sa.UniqueConstraint("alliance_id", "account_id", name=op.f("person_alliance_id_account_id_key")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("person_alliance_id_id_key")),
    )
    op.create_index(op.f("person_account_id_ix"), "person", ["account_id"], unique=False)
    op.create_table(
        "school",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("school_alliance_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("school_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("school_alliance_id_id_key")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("shared_computer", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('browser', 'token')", name=op.f("device_kind_known_ck")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("device_account_id_fk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("device_person_id_fk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("device_pk")),
        sa.UniqueConstraint("secret_hash", name=op.f("device_secret_hash_key")),
    )
    op.create_index(op.f("device_account_id_ix"), "device", ["account_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id", "school_id"],
            ["school.alliance_id", "school.id"],
            name=op.f("invitation_alliance_id_school_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("invitation_pk")),
        sa.UniqueConstraint("secret_hash", name=op.f("invitation_secret_hash_key")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id", "person_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("membership_alliance_id_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "school_id"],
            ["school.alliance_id", "school.id"],
            name=op.f("membership_alliance_id_school_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("membership_pk")),
        sa.UniqueConstraint("person_id", "school_id", name=op.f("membership_person_id_school_id_key")),
    )


def downgrade() -> None:
    """Refuse: what people keep would go."""
    raise NotImplementedError("This would drop what people keep. Restore a backup into a new folder instead.")
