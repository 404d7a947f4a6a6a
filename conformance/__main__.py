"""`python -m conformance`: compare this checkout with upstream, and fail where they differ unexpectedly.

python -m conformance [--pattern 'loops.*'] [--only corpus|examples|tests] [--golden]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from conformance import known, parity, report
from conformance.deviation import Deviation
from conformance.parity import Result
from oracle import environments
from oracle.environments import Python

PARTS = ("corpus", "examples", "tests")
WITH_TESTS = ("absl-py", "nbformat", "pytest>=8", "pytest-timeout")


def main() -> int:
    """Compare what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__.partition(":")[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="one part, instead of all")
    parser.add_argument("--pattern", default="*", help="the cases of the corpus, such as 'loops.*'")
    arguments = parser.parse_args()
    theirs = environments.upstream("conformance", environments.KUBERNETES, *WITH_TESTS)
    ours = environments.skiff_with("conformance", *WITH_TESTS)
    folder = Path(tempfile.mkdtemp(prefix="skiff-conformance-"))
    failed = False
    try:
        if "corpus" in (arguments.only or PARTS):
            failed |= show("Corpus", *compiled(theirs, ours, folder, arguments.pattern))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(failed)


def compiled(theirs: Python, ours: Python, folder: Path, pattern: str) -> tuple[list[Result], tuple[Deviation, ...]]:
    """Compile the corpus with both, and compare."""
    sides = [parity.compile_corpus(python, folder / name, pattern) for python, name in ((theirs, "up"), (ours, "us"))]
    return list(parity.compare(sides[0], sides[1], known.CORPUS)), known.CORPUS


def show(title: str, results: list[Result], deviations: tuple[Deviation, ...]) -> bool:
    """Print a part's table and failures; tell whether there are any."""
    print(report.table(title, results))
    for deviation in report.unused(deviations, results):
        print(f"  no longer needed: {deviation.name} ({deviation.reason})")
    text = report.failures(results)
    if text:
        print(text)
    return bool(text)


if __name__ == "__main__":
    sys.exit(main())
