"""`hotline prompts`: the spoken texts and their audio, from the plan's words to what callers hear."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from hotline.commands.options import DEFAULT_PLAN, InstanceOption, PlanOption, instance_paths
from hotline.errors import HotlineError
from hotline.prompt_sheets import write_sheets
from hotline.screen import NEWS, OUT, say
from ivr.prompts.audio import PromptAudio, build_prompts, list_audio, total_bytes
from ivr.prompts.checking import Finding, check_audio
from ivr.prompts.errors import UnreadableSoundError
from ivr.prompts.measures import measure
from ivr.prompts.studio import take_recordings
from routing.plan_files import read_plan
from routing.plan_files.recordings import merge_recordings, write_recordings

NOT_RIGHT = 2

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="The spoken texts of the plan and their audio.\n\n"
    "Texts stand in the plan ([bold]prompts.yaml[/]); the line adds the pieces of numbers ([bold]say-…[/]) and what "
    "Asterisk plays by itself ([bold]asterisk-…[/]). A synthetic voice reads what no studio has recorded: piper, if "
    "[bold]site.yaml[/] names a voice, else espeak-ng.\n\n"
    "With a studio: [bold]export SHEETS[/] gives it a list to read; [bold]import FOLDER --plan DIR[/] takes what it "
    "recorded; [bold]hotline publish DIR[/] puts it in force, and [bold]hotline rollback[/] brings the old voice back. "
    "[bold]check[/] tells what callers would hear wrong.",
)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
OwnPlanOption = Annotated[
    Path, typer.Option("--plan", metavar="DIR", help="Folder of your plan; its recordings.yaml is written anew.")
]


@app.command("list")
def list_(instance: InstanceOption = None, plan: PlanOption = DEFAULT_PLAN, as_json: JsonOption = False) -> None:
    """Show every spoken text: who reads it, how long it is, and whether it is where Asterisk plays it."""
    audio = list_audio(read_plan(plan), instance_paths(instance))
    if as_json:
        OUT.print_json(json.dumps([_document(item) for item in audio], ensure_ascii=False))
        return
    table = Table("prompt", "language", "voice", "seconds", "state", "file", "text", box=None, header_style="bold")
    for item in audio:
        length_s = _length_s(item)
        length = "" if length_s is None else f"{length_s:.1f}"
        row = (item.prompt, item.language, item.engine_name, length, _state_of(item), item.installed.name, item.text)
        table.add_row(*map(Text, row))
    OUT.print(table)
    say(f"{len(audio)} texts, {total_bytes(audio) / 1e6:.1f} MB of audio")


@app.command("build")
def build(instance: InstanceOption = None, plan: PlanOption = DEFAULT_PLAN) -> None:
    """Make the audio of texts that are new or changed, and put it where Asterisk plays it.

    What was made before is kept in ~/.cache/legalaid-hotline/prompts and is not made again. A recording of the studio
    wins over every synthetic voice.
    """
    loaded, paths = read_plan(plan), instance_paths(instance)
    missing = len({item.cached for item in list_audio(loaded, paths) if not item.is_made})
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=NEWS, transient=True) as bar:
        task = bar.add_task("prompts", total=missing)
        report = build_prompts(loaded, paths, lambda _: bar.advance(task))
    OUT.print(f"{report.made} made, {report.reused} were there")


@app.command("check")
def check(instance: InstanceOption = None, plan: PlanOption = DEFAULT_PLAN, as_json: JsonOption = False) -> None:
    """Tell what callers would hear wrong; exit 2 if there is anything.

    Finds audio that is missing, a recording whose text has changed since, a recording that is not on this machine,
    files of a wrong rate or number of channels, clipped or too quiet ones, and silence at the ends.
    """
    findings = check_audio(read_plan(plan), instance_paths(instance))
    if as_json:
        OUT.print_json(json.dumps([asdict(each) for each in findings], ensure_ascii=False))
    else:
        for each in findings:
            OUT.print(_told(each), soft_wrap=True)
        OUT.print(f"{len(findings)} defects" if findings else "every prompt is in place and sounds right")
    if findings:
        raise typer.Exit(NOT_RIGHT)


@app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(metavar="SHEETS", help="Folder for prompts.csv and prompts.html.")],
    plan: PlanOption = DEFAULT_PLAN,
) -> None:
    """Write what a voice studio needs: a table for its computer and a sheet to print and read from.

    Both name the file that each recording must have: uk/greeting.wav, en/greeting.wav…
    """
    for path in write_sheets(read_plan(plan), folder):
        OUT.print(str(path), soft_wrap=True)


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Holds uk/<prompt>.wav and en/<prompt>.wav.")],
    plan: OwnPlanOption,
    instance: InstanceOption = None,
) -> None:
    """Take the studio's recordings into your plan: all of them, or none if one is wrong.

    WAV files of any rate, width and number of channels; they are converted, trimmed and levelled. Each remembers the
    text that was read: when the text changes later, a synthetic voice reads the new one until it is recorded anew.
    Callers hear the recordings after `hotline publish DIR`. Other machines of the line need the files as well: import
    there too, or copy the folder prompts/recordings of the instance.
    """
    loaded, paths = read_plan(plan), instance_paths(instance)
    try:
        taken = take_recordings(folder, loaded, paths.studio_recordings)
        write_recordings(plan, merge_recordings(loaded.prompts.values(), taken))
    except OSError as error:
        raise HotlineError(f"{error.filename or plan}: {error.strerror}; the plan is as it was") from error
    count = sum(map(len, taken.values()))
    OUT.print(f"{count} recordings are in {plan}; put them in force with: hotline publish {plan}", soft_wrap=True)


def _document(item: PromptAudio) -> dict[str, str | float | None]:
    return {
        "prompt": item.prompt,
        "language": item.language.value,
        "engine": item.engine_name.value,
        "length_s": _length_s(item),
        "state": _state_of(item),
        "file": str(item.installed),
        "text": item.text,
    }


def _length_s(item: PromptAudio) -> float | None:
    """Gives how long it plays; None: there is no audio yet, or none that can be read."""
    try:
        return round(measure(item.installed if item.is_installed else item.cached).length_s, 2)
    except UnreadableSoundError:
        return None


def _state_of(item: PromptAudio) -> str:
    if item.is_installed:
        return "in place"
    return "made" if item.is_made else "missing"


def _told(finding: Finding) -> Text:
    place = f"{finding.language}/{finding.prompt}"
    return Text.assemble((finding.code.value, "red"), f"  {place}: {finding.text}")
