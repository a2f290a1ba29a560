"""Who waits and who answers, from the events of QueueStatus."""

from pathlib import Path

from asterisk_conf import state_files
from ivr.ami.frames import parse_frame
from ivr.ami.queue_board import Board, CallerNow, OperatorNow, OperatorState, QueueBoard, QueueNow
from ivr.live import detention_waiting
from ivr.plans import PlanStore
from tests.plans import small_plan

QUEUE = "Event: QueueParams\r\nQueue: {queue}\r\nMax: 0\r\nCalls: 1"
ENTRY = "Event: QueueEntry\r\nQueue: {queue}\r\nPosition: 1\r\nCallerIDNum: +380671112233\r\nWait: {wait}"
MEMBER = (
    "Event: QueueMember\r\nQueue: {queue}\r\nName: PJSIP/{operator}\r\nLocation: PJSIP/{operator}\r\n"
    "StateInterface: PJSIP/{operator}\r\nStatus: {status}\r\nPaused: {paused}\r\nPausedReason: {reason}"
)
END = "Event: QueueStatusComplete\r\nEventList: Complete"


def board_of(*frames: str) -> QueueBoard:
    board = QueueBoard()
    for frame in frames:
        board.take(parse_frame(frame.encode()))
    return board


def member(operator: str, status: str, *, queue: str = "sumy", paused: str = "0", reason: str = "") -> str:
    return MEMBER.format(queue=queue, operator=operator, status=status, paused=paused, reason=reason)


def state_of(*frames: str) -> OperatorState:
    latest = board_of(*frames, END).latest
    assert latest is not None
    return latest.operators[0].state


def test_a_whole_list_tells_queues_with_their_longest_wait_and_operators() -> None:
    board = board_of(
        QUEUE.format(queue="sumy"),
        member("s01", "1"),
        ENTRY.format(queue="sumy", wait=7) + "\r\nPriority: 10",
        ENTRY.format(queue="sumy", wait=31) + "\r\nPriority: 1000",
        QUEUE.format(queue="chernivtsi"),
        END,
    )
    assert board.latest == Board(
        queues=(
            QueueNow(queue="chernivtsi", waiting=0, longest_wait_s=0),
            QueueNow(queue="sumy", waiting=2, longest_wait_s=31),
        ),
        operators=(OperatorNow(operator="s01", state=OperatorState.READY, queues=("sumy",), pause_reason=None),),
        callers=(CallerNow(priority=10, wait_s=7), CallerNow(priority=1000, wait_s=31)),
    )


def test_callers_who_report_a_detention_are_counted_by_how_long_they_wait(tmp_path: Path) -> None:
    plan = small_plan()
    state_files.write_snapshot(tmp_path, plan)
    state_files.write_current(tmp_path, plan.version)
    waits_s = (0, 15, 16, 20, 21)
    entries = [ENTRY.format(queue="sumy", wait=wait_s) + "\r\nPriority: 1000" for wait_s in waits_s]
    other = ENTRY.format(queue="sumy", wait=90) + "\r\nPriority: 999"
    board = board_of(QUEUE.format(queue="sumy"), *entries, other, END).latest
    assert detention_waiting(board, PlanStore(tmp_path)) == {
        "waiting": 5,
        "longest_wait_s": 21,
        "over_15s": 3,
        "over_20s": 1,
    }


def test_without_a_list_nobody_knows_who_waits(tmp_path: Path) -> None:
    assert detention_waiting(None, PlanStore(tmp_path)) is None


def test_nothing_of_a_caller_is_kept() -> None:
    board = board_of(QUEUE.format(queue="sumy"), ENTRY.format(queue="sumy", wait=7), END)
    assert "38067" not in repr(board.latest)


def test_half_a_list_changes_nothing() -> None:
    board = board_of(QUEUE.format(queue="sumy"), END, QUEUE.format(queue="other"))
    assert board.latest is not None
    assert [each.queue for each in board.latest.queues] == ["sumy"]
    board.begin()
    board.take(parse_frame(END.encode()))
    assert board.latest == Board()


def test_when_the_link_is_down_nothing_is_known() -> None:
    board = board_of(QUEUE.format(queue="sumy"), END)
    board.forget()
    assert board.latest is None


def test_every_state_of_a_phone_is_a_state_of_the_operator() -> None:
    expected = {
        "0": "unreachable",
        "1": "ready",
        "2": "talking",
        "3": "talking",
        "4": "unreachable",
        "5": "unreachable",
        "6": "ringing",
        "7": "ringing",
        "8": "talking",
        "x": "unreachable",
    }
    assert {status: state_of(member("s01", status)) for status in expected} == expected


def test_a_pause_counts_when_it_is_in_all_queues_and_no_conversation_goes_on() -> None:
    paused = member("s01", "1", paused="1", reason="break")
    assert state_of(paused) is OperatorState.PAUSED
    assert state_of(paused, member("s01", "1", queue="chernivtsi")) is OperatorState.READY
    assert state_of(member("s01", "2", paused="1")) is OperatorState.TALKING


def test_a_wait_that_is_no_number_counts_as_none() -> None:
    latest = board_of(ENTRY.format(queue="sumy", wait="١"), ENTRY.format(queue="sumy", wait="9" * 40), END).latest
    assert latest is not None
    assert latest.queues[0].longest_wait_s == 0
