"""`python -m migrations upgrade`: upgrades the database of HOTLINE_API_DATABASE_URL."""

import os
import sys

from migrations.run import MigrationError, upgrade

USAGE = "usage: HOTLINE_API_DATABASE_URL=postgresql+asyncpg://… python -m migrations upgrade"


def main(arguments: list[str]) -> int:
    """Gives the exit code: 0 done, 2 with one message on stderr."""
    database_url = os.environ.get("HOTLINE_API_DATABASE_URL", "")
    if arguments != ["upgrade"] or not database_url:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        revision = upgrade(database_url)
    except MigrationError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"database is at revision {revision}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
