"""What the whole line needs."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the step."""


def downgrade() -> None:
    """Takes the step back."""
