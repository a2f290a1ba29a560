"""Reads what Asterisk's console says (22.10). Pure: texts in, facts out."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network

from hotline.security.seen import Dialplan, DialplanStep, Endpoint, Identify, ManagerUser

_MODULE = re.compile(r"^(\S+\.so) .* Running ", re.MULTILINE)
_CONTEXT = re.compile(r"\[ Context '([^']+)' created by ")
_EXTENSION = re.compile(r"  '([^']+)' =>")
_STEP = re.compile(r"(?:^| )\d+\. (\w+)\((.*)$")
_PLACE = re.compile(r"\)?\s*\[[\w.-]+:\d+\]\s*$")
_INCLUSION = re.compile(r"^  (?:Include|Alt\. Switch|Switch) +=>")
_IDENTIFY = re.compile(r"^ Identify:  (\S+)/(\S+)")
_MATCH = re.compile(r"^ +Match: (.+)$")
_PARAMETER = re.compile(r"^ (\w+) +: (.*)$", re.MULTILINE)
_ENDPOINT = re.compile(r"^ Endpoint:  ([\w-]+)[/ ]", re.MULTILINE)
_NO_RIGHT = "<none>"


def read_modules(text: str) -> frozenset[str]:
    """Gives the modules that run: `module show`."""
    return frozenset(_MODULE.findall(text))


def read_manager_user_names(text: str) -> tuple[str, ...]:
    """Gives the names of the AMI users: `manager show users`."""
    rows = [line.strip() for line in text.splitlines()]
    if "username" not in rows:
        return ()
    after = rows[rows.index("username") + 1 :]
    return tuple(row for row in after if re.fullmatch(r"[\w-]*\w[\w-]*", row))


def read_manager_user(text: str) -> ManagerUser:
    """Gives one AMI user: `manager show user NAME`."""
    # Why backwards: the list of addresses has a line of its own that begins with "ACL:", too; the first one counts.
    rows = dict(reversed(re.findall(r"^ *([\w ]+?): (.*)$", text, re.MULTILINE)))
    return ManagerUser(
        name=rows.get("username", "").strip(),
        read=_rights(rows.get("read perm", "")),
        write=_rights(rows.get("write perm", "")),
        has_acl=rows.get("ACL", "").strip() == "yes",
    )


def _rights(text: str) -> frozenset[str]:
    return frozenset(right.strip() for right in text.split(",") if right.strip() not in {"", _NO_RIGHT})


def read_identifies(text: str) -> tuple[Identify, ...]:
    """Gives who is known by address: `pjsip show identifies`."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if (identify := _IDENTIFY.match(line)) and not identify[1].startswith("<"):
            found.append((identify[2], []))
        elif (match := _MATCH.match(line)) and found:
            found[-1][1].append(match[1].strip())
    return tuple(_identify(endpoint, criteria) for endpoint, criteria in found)


def _identify(endpoint: str, criteria: list[str]) -> Identify:
    networks, others = [], []
    for criterion in criteria:
        try:
            networks.append(IPv4Network(criterion, strict=False))
        except ValueError:
            others.append(criterion)
    return Identify(endpoint=endpoint, networks=tuple(networks), others=tuple(others))


def read_endpoint_names(text: str) -> tuple[str, ...]:
    """Gives the names of the SIP endpoints: `pjsip show endpoints`."""
    return tuple(_ENDPOINT.findall(text))


def read_endpoint(name: str, text: str) -> Endpoint:
    """Gives one SIP endpoint: `pjsip show endpoint NAME`."""
    rows = dict(_PARAMETER.findall(text))
    return Endpoint(
        name=name,
        context=rows.get("context", "").strip(),
        media_encryption=rows.get("media_encryption", "").strip(),
    )


def read_dialplan(text: str) -> Dialplan:
    """Gives the dialplan: `dialplan show`. The context of parked calls, which Asterisk makes by itself, is in it."""
    inclusions = tuple(line.strip() for line in text.splitlines() if _INCLUSION.match(line))
    return Dialplan(steps=tuple(_steps(text)), inclusions=inclusions)


def _steps(text: str) -> Iterator[DialplanStep]:
    context = extension = ""
    for line in text.splitlines():
        if found := _CONTEXT.match(line):
            context = found[1]
        elif found := _EXTENSION.match(line):
            extension = found[1]
        if context and (step := _STEP.search(line)):
            arguments = _PLACE.sub("", step[2])
            yield DialplanStep(context=context, extension=extension, application=step[1], arguments=arguments)
