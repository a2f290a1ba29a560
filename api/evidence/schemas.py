"""What the journal sends and gets. Pure."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from asterisk_conf.names import Source

LINE_LIMIT_CHARS = 128 << 10
"""The journal cuts lines at 64 KiB; room for what it adds."""
LARGEST_POSITION = 2**63 - 1

NodeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


class EvidenceLine(BaseModel):
    """One raw line of a node's evidence and where it stands."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "node": "node1",
                    "source": "queue_log",
                    "generation": "5f0c1a7e",
                    "offset": 1234,
                    "line": "1795510800|node1-1795510790.7|sumy|NONE|ENTERQUEUE||0501234567|1",
                }
            ]
        },
    )

    node: NodeName
    source: Annotated[Source, Field(strict=False)]
    generation: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
    """Id that the journal gave the file when it first saw it."""
    offset: Annotated[int, Field(ge=0, le=LARGEST_POSITION)]
    """Bytes before the line in its file."""
    line: Annotated[str, StringConstraints(max_length=LINE_LIMIT_CHARS)]


class IngestAnswer(BaseModel):
    """What became of a batch; the three add up to its lines."""

    stored: int = Field(examples=[498])
    repeated: int = Field(examples=[2])
    """Lines that were here already."""
    quarantined: int = Field(examples=[0])
    """Lines that could not be read; kept, encrypted."""
