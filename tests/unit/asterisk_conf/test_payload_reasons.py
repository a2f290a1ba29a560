import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf.payload import (
    REASONS_LIMIT_CHARS,
    PayloadError,
    decode_payload,
    decode_reasons,
    encode_payload,
    encode_reasons,
)
from routing.reasons import Reason

texts = st.text(max_size=12)
reasons = st.builds(
    lambda code, details: Reason(code=code, details=tuple(details)),
    st.from_regex(r"[a-z][a-z-]{0,15}", fullmatch=True),
    st.lists(st.tuples(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), texts), max_size=3),
)

HOURS = Reason(code="hours", details=(("state", "closed"), ("hours", "08:00-18:00"), ("uk", "Сума_+1")))


@given(st.lists(reasons, max_size=3))
def test_reasons_come_back_from_a_payload_as_they_were(trail: list[Reason]) -> None:
    value = encode_reasons(trail)
    kept = decode_reasons(value)
    assert kept == tuple(trail)[: len(kept)]
    assert len(kept) == len(trail) or len(value) <= REASONS_LIMIT_CHARS
    assert decode_reasons(decode_payload(f"rung=service;reasons={value}")["reasons"]) == kept
    assert decode_payload(encode_payload({"reasons": value}))["reasons"] == value


def test_a_decision_with_reasons_fits_into_one_field_of_cel() -> None:
    value = encode_reasons([HOURS] * 40)
    assert len(value) <= REASONS_LIMIT_CHARS
    assert set(decode_reasons(value)) == {HOURS}


def test_the_text_is_what_evidence_has_always_had() -> None:
    assert encode_reasons([HOURS]) == ("hours:state:closed:hours:08_3A00-18_3A00:uk:_D0_A1_D1_83_D0_BC_D0_B0_5F_2B1")
    assert encode_reasons([]) == ""
    assert decode_reasons("") == ()


@pytest.mark.parametrize("garbage", ["a:b", ":a:b", "a+", "a:k:_4", "a:k:%41", "a:k:_zz", "Ж"])
def test_what_is_no_trail_is_refused(garbage: str) -> None:
    with pytest.raises(PayloadError):
        decode_reasons(garbage)
