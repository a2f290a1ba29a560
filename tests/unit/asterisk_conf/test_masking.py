"""Numbers in logs are masked, and nothing else is."""

import pytest

from asterisk_conf.masking import masked


@pytest.mark.parametrize(
    "number",
    ["+380671234512", "380671234512", "0671234512", "80671234512", "00380671234512", "+4915112345612"],
)
@pytest.mark.parametrize("frame", ["{}", '"{}"', "a call from {} failed", "sip:{}@trunk", "({})", "[{},"])
def test_a_full_number_is_masked_wherever_it_stands(number: str, frame: str) -> None:
    line = masked(frame.format(number))
    assert line == frame.format("…12")


@pytest.mark.parametrize(
    "line",
    [
        '{"call_id": "node1-1790000000.123", "at": "2026-11-24T09:00:01.123456Z"}',
        "plan 0123456789abcdef is in force",
        "port 15060, pid 4194304, lag_bytes 123456789012",
        "d41d8cd98f00b204e9800998ecf8427e",
        "PJSIP/trunk-selftest-0000002a",
        "1790000000.5",
        "",
    ],
)
def test_ids_versions_and_times_stay(line: str) -> None:
    assert masked(line) == line


def test_every_number_of_a_line_is_masked() -> None:
    assert masked("+380671234512 and 0671234513") == "…12 and …13"
