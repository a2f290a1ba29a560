"""JSON Schemas of the plan's files, for editors (`# yaml-language-server: $schema=…`); made from the same models."""

from routing.plan_files.reader import FILE_MODELS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(file: str) -> dict[str, object]:
    """Gives the JSON Schema of one file of a plan.

    Args:
        file: Its name without ending: `line`, `queues`, …

    Raises:
        KeyError: No file of a plan has this name.
    """
    model = FILE_MODELS[file]
    return {"$schema": DIALECT, **model.model_json_schema(), "title": f"{file}.yaml"}
