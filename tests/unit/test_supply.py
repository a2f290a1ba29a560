"""Licences, vulnerabilities and the bill of materials of what runs."""

import json
import subprocess
import sys
from email.message import Message
from pathlib import Path

import pytest

from requirements.audit import judge
from requirements.licences import LOCK, PIN, UNKNOWN, licence_of, page

REPOSITORY = Path(__file__).parents[2]


def metadata(**rows: str) -> Message:
    made = Message()
    for name, value in rows.items():
        made[name.replace("_", "-")] = value
    return made


def test_the_page_of_licences_is_current() -> None:
    made = page(LOCK.read_text("utf-8"))
    assert (REPOSITORY / "docs" / "licences.md").read_text("utf-8") == made, (
        "run: .venv/bin/python requirements/licences.py > docs/licences.md"
    )


def test_every_package_tells_its_licence() -> None:
    assert UNKNOWN not in page(LOCK.read_text("utf-8"))


@pytest.mark.parametrize(
    ("rows", "licence"),
    [
        ({"License_Expression": "MIT", "License": "other"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, "BSD License"),
        ({"Classifier": "License :: OSI Approved", "License": "BSD"}, "BSD"),
        ({"License": "Permission is hereby granted, free of charge,\nto any person"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_a_licence_is_the_expression_else_the_classifier_else_the_short_name(
    rows: dict[str, str], licence: str
) -> None:
    assert licence_of(metadata(**rows)) == licence


def report(*rows: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(rows), "fixes": []})


def test_a_vulnerability_fails_the_audit_and_is_named() -> None:
    verdict = judge(report({"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}))
    assert not verdict.is_clean
    assert "a 1: PYSEC-1" in verdict.lines


def test_packages_that_nobody_looked_at_are_counted_with_the_reason() -> None:
    skipped: dict[str, object] = {"name": "b", "skip_reason": "not found and could not be audited: b (1)"}
    verdict = judge(report({"name": "a", "version": "1", "vulns": []}, skipped))
    assert verdict.lines == (
        "1 of 2 packages were looked at, 0 known vulnerabilities",
        "1 of 2 packages were not looked at: not found and could not be audited",
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", "no report"])
def test_no_report_is_not_a_clean_one(text: str) -> None:
    command = [sys.executable, str(REPOSITORY / "requirements" / "audit.py")]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "gave no report" in done.stderr


def test_the_bill_of_materials_holds_every_package_that_runs(tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--pyproject", "pyproject.toml"]
    subprocess.run([*command, "-o", str(target), str(LOCK)], cwd=REPOSITORY, check=True, capture_output=True)
    made = json.loads(target.read_text("utf-8"))
    assert made["bomFormat"] == "CycloneDX"
    assert made["metadata"]["component"]["name"] == "legalaid-hotline"
    pinned = dict(PIN.findall(LOCK.read_text("utf-8")))
    assert {each["name"]: each["version"] for each in made["components"]} == pinned
