"""JSON Schemas of the plan's files, for editors (`# yaml-language-server: $schema=…`); made from the same models.

`python -m routing.plan_files.schema` writes them to `routing/plans/schema`.
"""

import json
from pathlib import Path

import routing
from routing.plan_files.reader import FILE_MODELS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_FOLDER = Path(routing.__file__).parent / "plans" / "schema"


def json_schema(file: str) -> dict[str, object]:
    """Gives the JSON Schema of one file of a plan.

    Args:
        file: Its name without ending: `line`, `queues`, …

    Raises:
        KeyError: No file of a plan has this name.
    """
    model = FILE_MODELS[file]
    return {"$schema": DIALECT, **model.model_json_schema(), "title": f"{file}.yaml"}


def schema_text(file: str) -> str:
    """Gives the text of the schema's file; `file` is as for `json_schema`."""
    return json.dumps(json_schema(file), ensure_ascii=False, indent=2) + "\n"


def schema_file(file: str) -> Path:
    """Gives where the schema of one file is kept."""
    return SCHEMA_FOLDER / f"{file}.schema.json"


def editor_line(file: str) -> str:
    """Gives the first line of a plan's file, by which editors find its schema."""
    return f"# yaml-language-server: $schema=../schema/{file}.schema.json"


def write_schemas() -> None:
    """Writes the schema of every file."""
    SCHEMA_FOLDER.mkdir(exist_ok=True)
    for file in FILE_MODELS:
        schema_file(file).write_text(schema_text(file), encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
