from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.calls.recorded import recordings_of, with_links
from api.calls.schemas import CallStep
from api.projection.words import StepKind

BEGAN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def step(second: int, state: str, file: str | None = "a.wav", kind: StepKind = StepKind.RECORDING) -> CallStep:
    return CallStep(occurred_at=BEGAN + timedelta(seconds=second), kind=kind, subject=file, state=state, detail=None)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([step(1, "started"), step(9, "stopped")], [("stopped", "a.wav", 1, 9)]),
        ([step(1, "started")], [("started", "a.wav", 1, None)]),
        ([step(1, "declined")], [("declined", None, None, None)]),
        ([step(9, "stopped")], [("stopped", "a.wav", None, 9)]),
        (
            [step(1, "started"), step(2, "started", "b.wav"), step(3, "stopped", "b.wav"), step(4, "stopped")],
            [("stopped", "a.wav", 1, 4), ("stopped", "b.wav", 2, 3)],
        ),
        ([step(1, "dial", "sumy", StepKind.CENTRE)], []),
        ([step(1, "unheard of")], []),
    ],
    ids=["whole", "goes on", "declined", "start lost", "two files", "another kind", "another state"],
)
def test_recordings_follow_from_the_steps(
    steps: list[CallStep], expected: list[tuple[str, str | None, int | None, int | None]]
) -> None:
    def second(moment: datetime | None) -> int | None:
        return None if moment is None else (moment - BEGAN).seconds

    found = [(one.state, one.file, second(one.began_at), second(one.stopped_at)) for one in recordings_of(steps)]
    assert found == expected


def test_only_a_file_that_is_in_the_folder_has_a_link(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "secret.wav").write_bytes(b"secret")
    (tmp_path / "folder" / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "folder" / "link.wav").symlink_to(tmp_path / "secret.wav")
    names = ["a.wav", "gone.wav", "link.wav", "../secret.wav", None]
    told = recordings_of([step(1, "started", name) for name in names])
    assert [one.url for one in with_links(told, tmp_path / "folder")] == [
        "/api/v1/recordings/a.wav", None, None, None, None,
    ]  # fmt: skip
    assert {one.url for one in with_links(told, None)} == {None}
