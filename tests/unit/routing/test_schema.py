"""JSON Schemas of the plan's files."""

import json

import pytest

from routing.plan_files.reader import FILE_MODELS
from routing.plan_files.schema import json_schema


@pytest.mark.parametrize("file", list(FILE_MODELS))
def test_every_file_has_a_schema_that_is_json(file: str) -> None:
    schema = json_schema(file)
    assert json.loads(json.dumps(schema)) == schema
    assert schema["title"] == f"{file}.yaml"
    assert schema["type"] == "object"


def test_the_schema_knows_the_keys_and_refuses_others() -> None:
    schema = json_schema("line")
    assert isinstance(schema["properties"], dict)
    assert {"dids", "services", "last_resort_queue"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_hours_are_a_word_or_rows() -> None:
    text = json.dumps(json_schema("offices"))
    assert '"always"' in text
