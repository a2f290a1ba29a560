"""`python -m tests.bench [NAME…]`: runs the measurements, all or those named, and prints one table."""

import sys
from collections.abc import Callable, Iterator, Sequence

from tests.bench import ami, centre, decide, fastagi, ingest, reports, script
from tests.bench.figures import Figure, print_figures

BENCHES: dict[str, Callable[[], Iterator[Figure]]] = {
    "decide": decide.measure,
    "fastagi": fastagi.measure,
    "script": script.measure,
    "ami": ami.measure,
    "ingest": ingest.measure,
    "centre": centre.measure,
    "reports": reports.measure,
}
NOT_DONE = 2


def main(names: Sequence[str]) -> int:
    """Runs what is named; gives the exit code."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return NOT_DONE
    figures: list[Figure] = []
    for name in names or BENCHES:
        print(f"==> {name}", file=sys.stderr)
        figures += BENCHES[name]()
    print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
