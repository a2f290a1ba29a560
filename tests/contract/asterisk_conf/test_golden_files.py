"""Whole files, byte for byte: a change in what Asterisk reads shows up here."""

import pytest

from asterisk_conf.render import FILES
from tests.contract.asterisk_conf.rendering import GOLDEN, rendered


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_what_it_was(name: str) -> None:
    assert rendered()[name] == (GOLDEN / name).read_text("utf-8")


def test_every_golden_file_is_still_rendered() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(FILES)
