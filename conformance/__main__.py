"""`python -m conformance`: compare this checkout with upstream, and fail where they differ unexpectedly.

python -m conformance [--pattern 'loops.*'] [--only corpus|examples|tests|running|local] [--every 1]
python -m conformance --golden | --versions
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from conformance import examples, golden, known, parity, report, upstream_tests, versions
from conformance.deviation import Deviation
from conformance.parity import Result
from conformance.running import compare
from conformance.running.known import LOCAL
from oracle import environments
from oracle.environments import Python

PARTS = ("corpus", "examples", "tests", "running", "local")
WITH_TESTS = ("absl-py", "nbformat", "pytest>=8", "pytest-timeout")


def main() -> int:
    """Compare what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__.partition(":")[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="one part, instead of all")
    parser.add_argument("--pattern", default="*", help="the cases of the corpus, such as 'loops.*'")
    parser.add_argument("--every", type=int, default=10, help="of `local`: one case in so many, 1 for all their runs")
    parser.add_argument("--golden", action="store_true", help="write what upstream makes of the corpus, and no more")
    parser.add_argument("--versions", action="store_true", help="the documents of older upstream versions, instead")
    arguments = parser.parse_args()
    if arguments.versions:
        return older(arguments.pattern)
    theirs = environments.upstream("conformance", environments.KUBERNETES, *WITH_TESTS)
    ours = environments.skiff_with("conformance", *WITH_TESTS)
    folder = Path(tempfile.mkdtemp(prefix="skiff-conformance-"))
    failed = False
    try:
        if arguments.golden:
            golden.write(parity.compile_corpus(theirs, folder / "golden"), known.CORPUS)
            return 0
        if "corpus" in (arguments.only or PARTS):
            results = compiled(theirs, ours, folder, arguments.pattern)
            failed |= show("Corpus", results, known.CORPUS, whole=arguments.pattern == "*")
        if "examples" in (arguments.only or PARTS):
            failed |= show("Examples", list(examples.compare(theirs, ours, folder, known.EXAMPLES)), known.EXAMPLES)
        if "tests" in (arguments.only or PARTS):
            failed |= show("Upstream's tests", tested(theirs, ours, folder), known.TESTS)
        if "running" in (arguments.only or PARTS):
            results = list(compare.documents(theirs, folder / "running", arguments.pattern))
            failed |= show("Runs of what upstream compiles", results, ())
        if "local" in (arguments.only or PARTS):
            results = list(compare.callers(theirs, ours, folder / "local", arguments.pattern, arguments.every))
            failed |= show(
                "Calls with kfp.local", results, LOCAL, whole=arguments.every == 1 and arguments.pattern == "*"
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(failed)


def older(pattern: str) -> int:
    """Read, write again and run what older versions compile; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="skiff-versions-") as folder:
        results = list(versions.compare(environments.skiff(), Path(folder), pattern))
        return int(show("Documents of older versions", results, versions.KNOWN, whole=pattern == "*"))


def compiled(theirs: Python, ours: Python, folder: Path, pattern: str) -> list[Result]:
    """Compile the corpus with both, and compare."""
    sides = [parity.compile_corpus(python, folder / name, pattern) for python, name in ((theirs, "up"), (ours, "us"))]
    return list(parity.compare(sides[0], sides[1], known.CORPUS))


def tested(theirs: Python, ours: Python, folder: Path) -> list[Result]:
    """Run upstream's tests with both, and compare."""
    tests = upstream_tests.unpack(theirs)
    left = upstream_tests.run(theirs, tests, folder / "tests-up.json", stand_ins=False)
    right = upstream_tests.run(ours, tests, folder / "tests-us.json", stand_ins=True)
    return list(upstream_tests.compare(left, right, known.TESTS))


def show(title: str, results: list[Result], deviations: tuple[Deviation, ...], *, whole: bool = True) -> bool:
    """Print a part's table and failures; tell whether there are any."""
    print(report.table(title, results))
    for deviation in report.unused(deviations, results) if whole else ():
        print(f"  no longer needed: {deviation.name} ({deviation.reason})")
    text = report.failures(results)
    if text:
        print(text)
    return bool(text)


if __name__ == "__main__":
    sys.exit(main())
