"""A backup's file: whatever is done to it, it is restored whole or not at all."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.keeping.archive import HEAD, MANIFEST, ArchiveWriter, Entry, Manifest, Source, extract
from hotline.keeping.errors import RestoreError, SealError
from hotline.keeping.sealing import CHUNK_BYTES, TAG_BYTES, seal, sealed_bytes, unseal

KEY = bytes(range(32))
PASSPHRASE = "five words are good enough"
FILES = {"site.yaml": b"node: kyiv1\n", "recordings/a.wav": b"RIFF" * 1_000, "state/current": b""}


def backup(folder: Path, files: dict[str, bytes] = FILES, *, leave_out: str = "") -> bytes:
    """A backup of these files, whose manifest does not know of `leave_out`."""
    sink = io.BytesIO()
    writer = ArchiveWriter(sink, PASSPHRASE)
    entries: list[Entry] = []
    for number, (name, content) in enumerate(files.items()):
        path = folder / str(number)
        path.write_bytes(content)
        entry = writer.add(Source(name=name, path=path, size_bytes=len(content)))
        assert entry is not None
        entries += [entry] if name != leave_out else []
    made_at = datetime(2026, 11, 24, tzinfo=UTC)
    writer.finish(Manifest(made_at=made_at, version="1", node="kyiv1", revision="0010", entries=tuple(entries)))
    return sink.getvalue()


def restored(content: bytes, folder: Path, passphrase: str = PASSPHRASE) -> dict[str, bytes]:
    folder.mkdir()
    manifest = extract(io.BytesIO(content), passphrase, folder)
    return {entry.name: (folder / entry.name).read_bytes() for entry in manifest.entries}


def members(content: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        found = []
        for member in tar:
            stream = tar.extractfile(member)
            assert stream is not None
            found.append((member, stream.read()))
        return found


def tar_of(rows: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for member, content in rows:
            tar.addfile(member, io.BytesIO(content))
    return sink.getvalue()


def test_what_was_backed_up_comes_back(tmp_path: Path) -> None:
    assert restored(backup(tmp_path), tmp_path / "out") == FILES


def test_nothing_can_be_read_without_the_passphrase(tmp_path: Path) -> None:
    content = backup(tmp_path)
    assert b"kyiv1" not in content
    assert b"RIFF" not in content


def test_another_passphrase_does_not_open_it(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="the passphrase is another one"):
        restored(backup(tmp_path), tmp_path / "out", "another passphrase")


def test_a_file_that_was_exchanged_for_another_is_noticed(tmp_path: Path) -> None:
    rows = members(backup(tmp_path))
    (first, one), (second, two) = rows[1], rows[2]
    first.size, second.size = len(two), len(one)
    with pytest.raises(SealError, match="damaged"):
        restored(tar_of([rows[0], (first, two), (second, one), *rows[3:]]), tmp_path / "out")


@pytest.mark.parametrize("name", [HEAD, "site.yaml", MANIFEST])
def test_a_part_that_was_taken_out_is_missed(tmp_path: Path, name: str) -> None:
    rows = [row for row in members(backup(tmp_path)) if row[0].name != name]
    with pytest.raises(RestoreError):
        restored(tar_of(rows), tmp_path / "out")


def test_a_file_that_the_manifest_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RestoreError, match="state/current is not as the manifest says"):
        restored(backup(tmp_path, leave_out="state/current"), tmp_path / "out")


@pytest.mark.parametrize("name", ["../outside", "/etc/hotline", "state/../../outside"])
def test_no_file_is_written_outside_the_instance(tmp_path: Path, name: str) -> None:
    with pytest.raises(RestoreError, match="not a path inside an instance"):
        restored(backup(tmp_path, {name: b"x"}), tmp_path / "out")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("part", [0.0, 0.1, 0.3, 0.5])
def test_a_backup_that_was_cut_off_is_refused(tmp_path: Path, part: float) -> None:
    content = backup(tmp_path)
    with pytest.raises((RestoreError, SealError)):
        restored(content[: int(len(content) * part)], tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"\0" * 10_240])
def test_what_is_no_backup_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RestoreError, match="no backup"):
        restored(content, tmp_path / "out")


def test_a_file_that_became_shorter_while_it_was_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"1234")
    with pytest.raises(SealError, match="became shorter"):
        ArchiveWriter(io.BytesIO(), PASSPHRASE).add(Source(name="log", path=path, size_bytes=5))


@pytest.mark.parametrize("size_bytes", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_a_stream_of_any_length_opens_and_its_sealed_length_is_known(size_bytes: int) -> None:
    plain = b"\1" * size_bytes
    sealed = b"".join(seal(KEY, "name", io.BytesIO(plain), size_bytes))
    assert len(sealed) == sealed_bytes(size_bytes)
    assert b"".join(unseal(KEY, "name", io.BytesIO(sealed))) == plain


def test_a_stream_that_ends_with_a_whole_chunk_is_missed_its_last_one() -> None:
    plain = b"\1" * (CHUNK_BYTES + 1)
    sealed = b"".join(seal(KEY, "name", io.BytesIO(plain), len(plain)))
    with pytest.raises(SealError):
        list(unseal(KEY, "name", io.BytesIO(sealed[: -1 - TAG_BYTES])))


@given(plain=st.binary(max_size=64), data=st.data())
def test_a_single_changed_bit_is_noticed(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(b"".join(seal(KEY, "name", io.BytesIO(plain), len(plain))))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealError):
        list(unseal(KEY, "name", io.BytesIO(bytes(sealed))))
