"""Commands to nodes and limits."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the step."""


def downgrade() -> None:
    """Takes the step back."""
