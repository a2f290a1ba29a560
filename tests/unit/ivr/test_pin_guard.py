"""Who guesses PINs is locked out for a while; who knows it is not."""

from ivr.switches.pin_guard import LOCKED_S, PinGuard
from routing.plan import OperatorId

ANNA, BORYS = OperatorId("anna"), OperatorId("borys")


def test_the_right_pin_is_accepted_and_anything_else_is_not() -> None:
    guard = PinGuard("012345")
    assert guard.accepts(ANNA, "012345", 0.0)
    assert not any(guard.accepts(BORYS, keyed, 0.0) for keyed in ("", "01234"))


def test_three_wrong_pins_lock_for_ten_minutes_even_the_right_one() -> None:
    guard = PinGuard("012345")
    for _ in range(3):
        guard.accepts(ANNA, "999999", 100.0)
    assert guard.is_locked(ANNA, 100.0)
    assert not guard.accepts(ANNA, "012345", 100.0 + LOCKED_S - 1)
    assert guard.accepts(ANNA, "012345", 100.0 + LOCKED_S)


def test_one_operators_guesses_lock_no_other() -> None:
    guard = PinGuard("012345")
    for _ in range(3):
        guard.accepts(ANNA, "999999", 0.0)
    assert guard.accepts(BORYS, "012345", 0.0)


def test_the_right_pin_forgives_the_wrong_ones_before_it() -> None:
    guard = PinGuard("012345")
    for keyed in ("1", "2", "012345", "3", "4"):
        guard.accepts(ANNA, keyed, 0.0)
    assert not guard.is_locked(ANNA, 0.0)


def test_an_end_of_the_lock_gives_three_new_tries() -> None:
    guard = PinGuard("012345")
    for _ in range(3):
        guard.accepts(ANNA, "9", 0.0)
    guard.accepts(ANNA, "9", LOCKED_S)
    assert not guard.is_locked(ANNA, LOCKED_S)
