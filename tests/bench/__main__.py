"""`python -m tests.bench [--page FILE] [NAME…]`: runs the measurements, all or those named, and prints one table."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench import ami, burst, centre, decide, fastagi, ingest, reports, script
from tests.bench.figures import Figure, page_of, print_figures

BENCHES: dict[str, Callable[[], Iterator[Figure]]] = {
    "decide": decide.measure,
    "fastagi": fastagi.measure,
    "burst": burst.measure,
    "script": script.measure,
    "ami": ami.measure,
    "ingest": ingest.measure,
    "centre": centre.measure,
    "reports": reports.measure,
}
NOT_DONE = 2


def main(arguments: Sequence[str]) -> int:
    """Runs what is named; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the table as a page of the documentation too")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; all when none is given")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in BENCHES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return NOT_DONE
    figures: list[Figure] = []
    for name in asked.names or BENCHES:
        print(f"==> {name}", file=sys.stderr)
        figures += BENCHES[name]()
    print_figures(figures)
    if asked.page is not None:
        asked.page.write_text(page_of(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
