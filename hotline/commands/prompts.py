"""`hotline prompts`: the spoken texts and their audio."""

import typer
from rich.table import Table

from hotline.commands.options import DEFAULT_PLAN, InstanceOption, PlanOption, instance_paths
from hotline.screen import OUT, say
from ivr.prompts.audio import PromptAudio, build_prompts, list_audio, total_bytes
from routing.plan_files import read_plan

app = typer.Typer(no_args_is_help=True, help="The spoken texts of the plan and their audio.")


@app.command("list")
def list_(instance: InstanceOption = None, plan: PlanOption = DEFAULT_PLAN) -> None:
    """Show every spoken text, and whether its audio is made and in place."""
    audio = list_audio(read_plan(plan), instance_paths(instance))
    table = Table("prompt", "language", "audio", "text", box=None, header_style="bold")
    for item in audio:
        table.add_row(item.prompt, item.language.value, _state_of(item), item.text)
    OUT.print(table)
    say(f"{len(audio)} texts, {total_bytes(audio) / 1e6:.1f} MB of audio")


@app.command("build")
def build(instance: InstanceOption = None, plan: PlanOption = DEFAULT_PLAN) -> None:
    """Make the audio of texts that are new or changed, and put it where Asterisk plays it."""
    report = build_prompts(read_plan(plan), instance_paths(instance), say)
    OUT.print(f"{report.made} made, {report.reused} were there")


def _state_of(item: PromptAudio) -> str:
    if item.is_installed:
        return "in place"
    return "made" if item.is_made else "missing"
