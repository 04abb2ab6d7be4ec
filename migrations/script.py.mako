"""${message}.

Say here why, and that it only expands: the version that still runs must go on working beside it.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision, down_revision = ${repr(up_revision)}, ${repr(down_revision)}


def upgrade() -> None:
    """Say what this step does."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Say what taking it back loses."""
    ${downgrades if downgrades else "pass"}
