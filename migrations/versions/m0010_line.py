"""What the whole line needs: masked numbers of callers."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    "SET LOCAL lock_timeout = '10s'",
    "ALTER TABLE caller_numbers ADD COLUMN number_masked TEXT",
    "COMMENT ON COLUMN caller_numbers.number_masked IS 'country code and last two digits; null: not made yet'",
    "CREATE INDEX ix_caller_numbers_unmasked ON caller_numbers (pseudonym) WHERE number_masked IS NULL",
    "COMMENT ON COLUMN call_steps.kind IS 'info, centre, detention, recording, moved or unstaffed'",
)
BACK: tuple[str, ...] = (
    "SET LOCAL lock_timeout = '10s'",
    "COMMENT ON COLUMN call_steps.kind IS 'info, centre, detention, recording or moved'",
    "ALTER TABLE caller_numbers DROP COLUMN number_masked",
)


def upgrade() -> None:
    """Makes the column; the api fills it for numbers that are there, because only it has the key."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Takes the column back."""
    for statement in BACK:
        op.execute(statement)
