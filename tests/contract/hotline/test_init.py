"""`hotline init` and its question to the trunk, over real UDP."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.site import read_site
from hotline.cli import NOT_DONE, run
from hotline.keeping.sip_options import NoAnswerError, ask_options, parse_answer
from tests.contract.hotline.conftest import Output

OWN = "127.0.0.1"


def answer_to(request: bytes, first_line: str = "SIP/2.0 200 OK") -> bytes:
    kept = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")
    rows = [row for row in request.split(b"\r\n") if row.lower().startswith(kept)]
    return b"\r\n".join([first_line.encode(), *rows, b"", b""])


@contextmanager
def provider(answers: Callable[[int, bytes], list[bytes]]) -> Iterator[tuple[int, list[bytes]]]:
    """A SIP server that gives these datagrams to the n-th request; gives its port and what it was asked."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((OWN, 0))

        def serve() -> None:
            while True:
                request, peer = server.recvfrom(65_535)
                if request == b"end":
                    return
                asked.append(request)
                for datagram in answers(len(asked), request):
                    server.sendto(datagram, peer)

        thread = threading.Thread(target=serve, name="provider")
        thread.start()
        try:
            yield server.getsockname()[1], asked
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
                ending.sendto(b"end", server.getsockname())
            thread.join()


@pytest.mark.parametrize(("line", "status"), [("SIP/2.0 200 OK", 200), ("SIP/2.0 401 Unauthorized", 401)])
def test_any_final_answer_shows_that_the_trunk_is_there(line: str, status: int) -> None:
    with provider(lambda _, request: [answer_to(request, line)]) as (port, asked):
        assert ask_options(OWN, port, own_address=OWN).status == status
    assert asked[0].startswith(f"OPTIONS sip:{OWN}:{port} SIP/2.0\r\n".encode())


def test_a_lost_request_is_sent_again_and_strange_datagrams_are_passed_over() -> None:
    def answers(number: int, request: bytes) -> list[bytes]:
        other = answer_to(b"call-id: another")
        trying = answer_to(request, "SIP/2.0 100 Trying")
        return [] if number == 1 else [b"\xff\0", b"", other, trying, answer_to(request)]

    with provider(answers) as (port, asked):
        assert ask_options(OWN, port, own_address=OWN, first_wait_s=0.05).status == 200
    assert asked[0] == asked[1]


def test_silence_is_told_with_what_to_look_at() -> None:
    with provider(lambda *_: []) as (port, _), pytest.raises(NoAnswerError, match="did not answer OPTIONS"):
        ask_options(OWN, port, own_address=OWN, first_wait_s=0.01)


@pytest.mark.parametrize(
    "text", ["", "SIP/2.0", "SIP/2.0 abc OK", "SIP/2.0 999 No", "HTTP/1.1 200 OK", "SIP/2.0 ²00 OK"]
)
def test_what_is_no_final_answer_is_none(text: str) -> None:
    assert parse_answer(f"{text}\r\nCall-ID: me\r\n\r\n".encode(), "me") is None


def init(paths: InstancePaths, *options: str) -> int:
    return run(["init", "--instance", str(paths.root), *options])


def test_init_writes_settings_and_secrets_and_tells_what_is_left(tmp_path: Path, output: Output) -> None:
    paths = InstancePaths(tmp_path / "line")
    with provider(lambda _, request: [answer_to(request)]) as (port, _):
        options = ["--address", OWN, "--public-address", "127.0.0.9", "--trunk", f"{OWN}:{port}", "--codec", "ulaw"]
        assert init(paths, *options, "--trunk-network", "127.0.0.8/30", "--node", "kyiv1") == 0
    shown = output()
    assert "answers OPTIONS: 200 OK" in shown
    assert "hotline users add NAME --role admin" in shown
    site = read_site(paths.site_file)
    assert (site.node, site.sip_address, site.media_address) == ("kyiv1", OWN, "127.0.0.9")
    assert site.outbound_trunk is not None
    assert site.outbound_trunk.sip_uri == f"sip:{OWN}:{port}"
    assert site.outbound_trunk.codecs == ("ulaw",)
    assert [str(each) for each in site.outbound_trunk.match] == ["127.0.0.8/30"]
    assert paths.secrets_file.stat().st_mode & 0o777 == 0o600
    assert read_secrets(paths.secrets_file).operators


def test_init_never_overwrites_settings(tmp_path: Path, output: Output) -> None:
    paths = InstancePaths(tmp_path / "line")
    options = ["--address", OWN, "--trunk", OWN, "--no-test"]
    assert init(paths, *options) == 0
    before = paths.site_file.read_bytes()
    assert init(paths, *options, "--node", "other") == NOT_DONE
    assert "is there already" in output()
    assert paths.site_file.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--trunk", OWN], "--address is missing, and there is nobody to ask"),
        (["--address", OWN], "--trunk is missing, and there is nobody to ask"),
        (["--address", "sip.example", "--trunk", OWN], "--address sip.example: write an IPv4 address"),
        (["--address", OWN, "--trunk", f"{OWN}:0"], "'0' is no port"),
        (["--address", OWN, "--trunk", OWN, "--trunk-network", "127.0.0.9/30"], "match.0: "),
        (["--address", OWN, "--trunk", OWN, "--node", "Київ"], "node: "),
    ],
)
def test_wrong_settings_are_one_sentence_and_leave_nothing(
    tmp_path: Path, output: Output, options: list[str], told: str
) -> None:
    paths = InstancePaths(tmp_path / "line")
    assert init(paths, *options, "--no-test") == NOT_DONE
    assert told in output()
    assert not paths.root.exists()
