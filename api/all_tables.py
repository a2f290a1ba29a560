"""Names every module that defines tables, so that the metadata is whole wherever it is compared or created."""

import api.audit.tables
import api.commands.tables
import api.detention.tables
import api.ledger.tables
import api.privacy.tables
import api.reports.tables
import api.sessions.tables
import api.tokens.tables
import api.topics.tables
import api.users.tables  # noqa: F401  defining the tables is what it is imported for
from api.schema import metadata

__all__ = ["metadata"]
