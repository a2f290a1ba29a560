"""An Asterisk that speaks FastAGI over a real socket: one call, with a caller who presses keys.

It answers as res/res_agi.c of Asterisk 22 does: one reply a command, `HANGUP` unasked, 511 once the channel is dead.
"""

import asyncio
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from asterisk_conf.payload import decode_payload, encode_payload

SILENCE = "t"
SAMPLES_A_PROMPT = 8_000

EMPTY_FACTS: Mapping[str, str] = dict.fromkeys(
    ("route", "did", "plan", "language", "menu", "keys", "service", "centre", "queue", "status", "tried", "waited"), ""
)


def header_block(script: str, facts: str, *, uniqueid: str = "node1-1790000000.1", number: str = "unknown") -> bytes:
    """Gives the headers that Asterisk sends first."""
    rows = {
        "agi_network": "yes",
        "agi_network_script": script,
        "agi_request": f"agi://127.0.0.1/{script}",
        "agi_channel": "PJSIP/selftest-00000001",
        "agi_language": "uk",
        "agi_type": "PJSIP",
        "agi_uniqueid": uniqueid,
        "agi_callerid": number,
        "agi_version": "22.10.1",
        "agi_context": "line",
        "agi_arg_1": facts,
    }
    return "".join(f"{name}: {value}\n" for name, value in rows.items()).encode() + b"\n"


def facts_payload(route: str, **fields: str) -> str:
    """Gives the one argument of `AGI()`."""
    return encode_payload({**EMPTY_FACTS, "route": route, **fields})


@dataclass(kw_only=True)
class FakeCall:
    """One call: what the caller does, and what the service did to it."""

    keys: list[str] = field(default_factory=list)
    """What the caller presses at each question after the prompts, `t` for silence; several at once are typed ahead.
    At the end of the list: silence."""
    interrupts: dict[str, list[str]] = field(default_factory=dict)
    """Keys pressed while a sound plays, by its name; each once."""
    between: dict[str, str] = field(default_factory=dict)
    """Keys that come with a command that listens to none, by the beginning of the command; each once."""
    echoes: dict[str, str] = field(default_factory=dict)
    """Keys that were stored before and end a sound only now, by its name; each once."""
    number: str = "unknown"
    """The caller's number as Asterisk hands it over."""
    missing: frozenset[str] = frozenset()
    """Sounds that are not there."""
    broken: frozenset[str] = frozenset()
    """Sounds whose playing fails with -1."""
    hang_up_at: str | None = None
    """Beginning of the command at which the caller hangs up."""
    refuse: str | None = None
    """Beginning of the commands that are answered by 510."""
    has_key_store: bool = True
    """False: StoreDTMF is not loaded."""
    has_cel: bool = True
    """False: CELGenUserEvent is not loaded."""
    silent_at: str | None = None
    """Beginning of the command that is never answered."""

    commands: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    played: list[str] = field(default_factory=list)
    leases: list[int] = field(default_factory=list)
    is_storing: bool = False
    writer: asyncio.StreamWriter | None = None

    async def run(self, port: int, script: str, facts: str) -> "FakeCall":
        """Places the call; returns when the service has closed the connection."""
        reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            self.writer.write(header_block(script, facts, number=self.number))
            while line := await reader.readline():
                self._obey(line.decode().removesuffix("\n"))
        except ConnectionResetError:
            self.commands.append("(reset)")
        finally:
            self.writer.close()
        return self

    @property
    def outcome(self) -> str | None:
        """The outcome that the service set; None: the dialplan takes the next rung."""
        return self.variables.get("HOTLINE_OUTCOME")

    def _obey(self, command: str) -> None:
        self.commands.append(command)
        for keys in [self.between.pop(each) for each in list(self.between) if command.startswith(each)]:
            self._press(keys)
        if self.silent_at is not None and command.startswith(self.silent_at):
            return
        if self.hang_up_at is not None and command.startswith(self.hang_up_at):
            self._reply("HANGUP")
            self._reply("511 Command Not Permitted on a dead channel or intercept routine")
        elif self.refuse is not None and command.startswith(self.refuse):
            self._reply("510 Invalid or unknown command")
        else:
            self._reply(self._answer(shlex.split(command)))

    def _reply(self, line: str) -> None:
        assert self.writer is not None
        self.writer.write(f"{line}\n".encode())

    def _answer(self, words: list[str]) -> str:
        match words:
            case ["SET", "VARIABLE", name, value]:
                return self._set(name, value)
            case ["EXEC", application, data]:
                return self._execute(application, data)
            case ["STREAM", "FILE", sound, _]:
                return self._play(sound)
            case ["WAIT", "FOR", "DIGIT", _]:
                return self._wait()
            case ["GET", "VARIABLE", name]:
                return self._value(name)
            case _:
                return "510 Invalid or unknown command"

    def _set(self, name: str, value: str) -> str:
        if name == "TIMEOUT(absolute)":
            self.leases.append(int(value))
        else:
            self.variables[name] = value
        return "200 result=1"

    def _execute(self, application: str, data: str) -> str:
        if application == "CELGenUserEvent":
            return self._log_event(data)
        assert application == "StoreDTMF"
        self.is_storing = self.has_key_store and data.startswith("RX")
        return f"200 result={0 if self.has_key_store else -2}"

    def _value(self, name: str) -> str:
        value = self.variables.get(name, "")
        return f"200 result=1 ({value})" if value else "200 result=0"

    def _wait(self) -> str:
        key = self.keys.pop(0) if self.keys else SILENCE
        return f"200 result={0 if key == SILENCE else ord(self._press(key))}"

    def _press(self, keys: str) -> str:
        """Stores keys that come at one moment; a command gives back only the first of them."""
        if self.is_storing:
            self.variables["HOTLINE_DIGITS"] = self.variables.get("HOTLINE_DIGITS", "") + keys
        return keys[0]

    def _log_event(self, data: str) -> str:
        if not self.has_cel:
            return "200 result=-2"
        name, _, extra = data.partition(",")
        self.events.append((name, decode_payload(extra)))
        return "200 result=0"

    def _play(self, sound: str) -> str:
        if sound in self.missing:
            return "200 result=0 endpos=0"
        if sound in self.broken:
            return "200 result=-1 endpos=0"
        self.played.append(sound)
        if sound in self.echoes:
            return f"200 result={ord(self.echoes.pop(sound))} endpos=800"
        keys = self.interrupts.get(sound)
        if keys:
            return f"200 result={ord(self._press(keys.pop(0)))} endpos=800"
        return f"200 result=0 endpos={SAMPLES_A_PROMPT}"
