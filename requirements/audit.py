"""Reads what pip-audit found in `requirements/run.lock`, from standard input (`-f json`).

Exit 1 when a package has a known vulnerability. Where pip-audit reached no data, it says how many packages nobody has
looked at, and why: that is no clean bill.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass

SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an audit comes to."""

    lines: tuple[str, ...]
    is_clean: bool
    """False: something vulnerable was found."""


def judge(report: str) -> Verdict:
    """Reads a report.

    Raises:
        ValueError, KeyError: It is none of pip-audit.
    """
    rows = json.loads(report)["dependencies"]
    found = [f"{row['name']} {row['version']}: {each['id']}" for row in rows for each in row.get("vulns", [])]
    skipped = Counter(str(row["skip_reason"]).partition(":")[0] for row in rows if "skip_reason" in row)
    told = [f"{number} of {len(rows)} packages were not looked at: {why}" for why, number in skipped.most_common()]
    checked = len(rows) - skipped.total()
    summary = f"{checked} of {len(rows)} packages were looked at, {len(found)} known vulnerabilities"
    return Verdict(lines=(summary, *found, *told[:SHOWN_REASONS]), is_clean=not found)


def main() -> int:
    """Gives the exit code: 2 when there is no report to read."""
    try:
        verdict = judge(sys.stdin.read())
    except (ValueError, KeyError, TypeError):
        print("audit: pip-audit gave no report; its own message stands above", file=sys.stderr)
        return 2
    print("\n".join(verdict.lines))
    return 0 if verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
