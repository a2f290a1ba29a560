"""`hotline doctor`: what works on this machine, what does not, and what to do."""

import typer
from rich.text import Text

from hotline.commands.options import InstanceOption, instance_paths
from hotline.doctor import Finding, examine
from hotline.screen import OUT


def doctor(instance: InstanceOption = None) -> None:
    """Look at this machine and the line on it: what works, what does not, what to do. Exit 1 if something is amiss."""
    findings = examine(instance_paths(instance))
    for finding in findings:
        OUT.print(_row(finding))
    if any(not finding.is_well for finding in findings):
        raise typer.Exit(1)


def _row(finding: Finding) -> Text:
    mark = ("✓ ", "green") if finding.is_well else ("✗ ", "bold red")
    mend = f"\n    → {finding.mend}" if finding.mend else ""
    return Text.assemble(mark, (f"{finding.subject}: ", "bold"), finding.text, mend)
