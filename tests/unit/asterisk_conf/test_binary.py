"""The description of an Asterisk goes to the service through a file."""

from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.binary import AsteriskError, read_binary, write_binary
from tests.contract.asterisk_conf.rendering import BINARY


@pytest.mark.parametrize("root", [None, Path("/var/cache/asterisk root")])
def test_what_was_written_is_read_again(tmp_path: Path, root: Path | None) -> None:
    binary = replace(BINARY, root=root)
    write_binary(tmp_path / "binary.json", binary)
    assert read_binary(tmp_path / "binary.json") == binary


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"root": null, "version": [22]}'])
def test_a_description_that_is_none_is_told_with_its_mend(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "binary.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(AsteriskError, match=r"binary\.json: no description of an Asterisk .*`hotline up` writes it"):
        read_binary(path)
