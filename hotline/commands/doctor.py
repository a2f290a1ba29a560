"""`hotline doctor`: what works on this machine, what does not, and what to do; `--security`: what stands open."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from hotline.commands.options import InstanceOption, instance_paths
from hotline.doctor import Finding, examine
from hotline.screen import OUT
from hotline.security.looking import look
from hotline.security.rules import judge

SecurityOption = Annotated[bool, typer.Option("--security", help="Look at the running line for what stands open.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")]


def doctor(instance: InstanceOption = None, security: SecurityOption = False, as_json: JsonOption = False) -> None:
    """Look at this machine and the line on it: what works, what does not, what to do. Exit 1 if something is amiss."""
    paths = instance_paths(instance)
    findings = judge(asyncio.run(look(paths))) if security else examine(paths)
    _print(findings, as_json=as_json)
    if any(not finding.is_well for finding in findings):
        raise typer.Exit(1)


def _print(findings: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
        return
    for finding in findings:
        OUT.print(_row(finding))


def _row(finding: Finding) -> Text:
    mark = ("✓ ", "green") if finding.is_well else ("✗ ", "bold red")
    mend = f"\n    → {finding.mend}" if finding.mend else ""
    return Text.assemble(mark, (f"{finding.subject}: ", "bold"), finding.text, mend)
