"""One side of the comparison: compiles the corpus with the `kfp` of the Python that runs it.

    python -m conformance.side OUT [PATTERN]

writes `OUT/<case>.yaml` for each case that compiles, and `OUT/report.json`: every case, and for one that does not,
its exception's types (most derived first) and message, and whether the feature is lacking altogether.
"""

from __future__ import annotations

import fnmatch
import json
import logging
import re
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from conformance.cases import Case, corpus

_LACKING = re.compile(
    r"module 'kfp[\w.]*' has no attribute|from 'kfp[\w.]*'|No module named 'kfp|not supported yet"
    r"|'PipelineTask' object has no attribute"
)
"""What is said where a feature does not exist, which is not a refusal."""


def attempt(case: Case, out: Path) -> dict[str, Any] | None:
    """Compile a case; return what was raised, or None."""
    try:
        case.compile(out / f"{case.id}{case.suffix}")
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        return {
            "types": [kind.__qualname__ for kind in type(error).__mro__],
            "message": str(error),
            "lacking": bool(_LACKING.search(str(error))),
            "at": [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-3:]],
        }
    return None


def main() -> None:
    """Compile what the pattern chooses."""
    out = Path(sys.argv[1])
    pattern = sys.argv[2] if len(sys.argv) > 2 else "*"
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    out.mkdir(parents=True, exist_ok=True)
    chosen = [case for case in corpus() if fnmatch.fnmatch(case.id, pattern)]
    report = [
        {"feature": case.feature, "name": case.id, "file": case.id + case.suffix, "wrong": case.wrong,
         "refusal": attempt(case, out)}
        for case in chosen
    ]  # fmt: skip
    (out / "report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
