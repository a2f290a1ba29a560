"""Names every module that defines tables, so that the metadata is whole wherever it is compared or created."""

from api.schema import metadata

__all__ = ["metadata"]
