"""Key presses as SIPp plays them: RTP events (RFC 4733) in a pcap file.

Why not SIPp's own `dtmf_2833_*.pcap`: each of them begins with the same timestamp and sequence number, and Asterisk
takes a repeated timestamp for a repeated packet (res/res_rtp_asterisk.c, process_dtmf_rfc2833), so that the second
press of a call is lost. There are none for A-D either.
"""

import struct
from pathlib import Path

EVENT_PAYLOAD_TYPE = 101
"""What the callers' SDP says for `telephone-event`."""
AUDIO_PAYLOAD_TYPE = 8
_TONE = bytes((0xD5, 0xAA, 0xD5, 0x2A))
"""Nothing, loudest, nothing, lowest: one wave of A-law samples."""
KEYS = "0123456789*#ABCD"
"""In the order of RFC 4733, section 3.2: a key's place is its event number."""
PACKET_MS = 20
PRESS_MS = 100
END_REPEATS = 3
CLOCK_PER_MS = 8
SSRC = 0x4C454741
PCAP_MAGIC = 0xA1B2C3D4
LINK_TYPE_ETHERNET = 1


def write_press(path: Path, key: str, order: int) -> None:
    """Writes one press of `key`.

    Args:
        path: The pcap file to write.
        key: One of `KEYS`.
        order: How many presses of this call came before: makes timestamps and sequence numbers grow.
    """
    _write(path, [_frame(payload) for payload in rtp_of_press(key, order)])


def write_tone(path: Path, *, duration_ms: int) -> None:
    """Writes a loud tone of 2 kHz (PCMA), like that of a machine which answers."""
    packets = []
    for index in range(duration_ms // PACKET_MS):
        rtp = struct.pack("!BBHII", 0x80, AUDIO_PAYLOAD_TYPE, 50 + index, 80_000 + 160 * index, SSRC)
        packets.append(_frame(rtp + _TONE * 40))
    _write(path, packets)


def _write(path: Path, packets: list[bytes]) -> None:
    header = struct.pack("<IHHiIII", PCAP_MAGIC, 2, 4, 0, 0, 65_535, LINK_TYPE_ETHERNET)
    with path.open("wb") as file:
        file.write(header)
        for index, packet in enumerate(packets):
            at_us = index * PACKET_MS * 1_000
            file.write(struct.pack("<IIII", 1_000 + at_us // 10**6, at_us % 10**6, len(packet), len(packet)) + packet)


def rtp_of_press(key: str, order: int) -> list[bytes]:
    """Gives the RTP packets of one press, one every `PACKET_MS`; arguments as `write_press`."""
    return _rtp_packets(KEYS.index(key), 160_000 * (order + 1), 100 * (order + 1) % 65_536)


def _rtp_packets(event: int, timestamp: int, sequence: int) -> list[bytes]:
    steps = PRESS_MS // PACKET_MS
    packets = []
    for index in range(steps + END_REPEATS):
        is_end = index >= steps
        duration = CLOCK_PER_MS * PACKET_MS * min(index + 1, steps)
        marker = 0x80 if index == 0 else 0
        rtp = struct.pack("!BBHII", 0x80, marker | EVENT_PAYLOAD_TYPE, (sequence + index) % 65_536, timestamp, SSRC)
        packets.append(rtp + struct.pack("!BBH", event, (0x80 if is_end else 0) | 10, duration))
    return packets


def _frame(payload: bytes) -> bytes:
    """Wraps RTP in the headers that SIPp expects and replaces."""
    udp_bytes = 8 + len(payload)
    udp = struct.pack("!HHHH", 6_000, 6_000, udp_bytes, 0)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + udp_bytes, 0, 0, 64, 17, 0, b"\x7f\0\0\x02", b"\x7f\0\0\x01")
    return b"\0" * 12 + b"\x08\x00" + ip + udp + payload
