"""Outcomes of calls."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the step."""


def downgrade() -> None:
    """Takes the step back."""
