"""One side of the comparison: compiles or calls the pipelines that run with the `kfp` of the Python that runs it.

    python -m conformance.running.side OUT PATTERN [--call EVERY]

writes `OUT/<case>.yaml` for each case that compiles, and `OUT/report.json`: by case what was raised, or nothing; with
`--call`, by case and number of the run what came of calling the pipeline with `kfp.local`, of one case in EVERY.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import json
import logging
import multiprocessing
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.running.case import Case, Given, cases

_SECONDS = 120


def main() -> None:
    """Compile, or call, what the pattern chooses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("pattern")
    parser.add_argument("--call", type=int, default=0, metavar="EVERY")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    arguments.out.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {}
    _write(report, arguments.out)
    chosen = [case for case in cases() if fnmatch.fnmatch(case.id, arguments.pattern) and not case.only]
    if arguments.call:  # a container takes an engine and its image, which is another matter
        chosen = [case for case in chosen if case.feature != "containers"][:: arguments.call]
    for case in chosen:
        if arguments.call:
            some = case.runs[:1] if arguments.call > 1 else case.runs
            report.update({f"{case.id}-{number}": called(case, run) for number, run in enumerate(some)})
        else:
            report[case.id] = compiled(case, arguments.out)
        _write(report, arguments.out)


def _write(report: dict[str, Any], out: Path) -> None:
    (out / "report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")


def compiled(case: Case, out: Path) -> str | None:
    """Compile a case; return what was raised, or None."""
    try:
        case.compile(out / f"{case.id}.yaml")
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"
    return None


def called(case: Case, run: Given) -> dict[str, Any]:
    """Call a pipeline in a process of its own, for a runner may leave locks behind; return what came of it, in JSON."""
    context = multiprocessing.get_context("fork")
    mine, its = context.Pipe(duplex=False)
    process = context.Process(target=lambda: its.send(_called(case, run)))
    process.start()
    its.close()
    told: dict[str, Any] = {"outputs": {}, "error": f"no end after {_SECONDS} s, or the process died"}
    try:
        if mine.poll(_SECONDS):
            told = mine.recv()
    except EOFError:
        return told
    else:
        return told
    finally:
        process.kill()
        process.join()


def _called(case: Case, run: Given) -> dict[str, Any]:
    """Call a pipeline; return its outputs, in JSON, or what was raised."""
    from kfp import local  # noqa: PLC0415 - of whichever distribution this Python has

    with tempfile.TemporaryDirectory(prefix="running-") as name, _in(Path(name)):
        folder = Path(name)
        try:
            (folder / "workspace").mkdir()
            local.init(
                runner=local.SubprocessRunner(use_venv=False),
                pipeline_root=str(folder / "root"),
                workspace_root=str(folder / "workspace"),
                raise_on_error=True,
            )
            task = case.make()(**case.arguments(run, folder))
            return {"outputs": {key: _plain(value) for key, value in task.outputs.items()}, "error": None}
        except (Exception, SystemExit) as error:
            return {"outputs": {}, "error": f"{type(error).__name__}: {error}"}


def _plain(value: Any) -> Any:
    """Return an output as JSON; an artifact tells its class, the text of its file, and what it says of itself."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not hasattr(value, "schema_title"):
        return value
    path = Path(value.path)
    return {
        "uri": value.uri,
        "name": value.name,
        "class": type(value).__name__,
        "type": {"schemaTitle": value.schema_title},
        "metadata": value.metadata,
        "content": path.read_text("utf-8") if path.is_file() else None,
    }


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    """Work in a directory, and say nothing."""
    before = Path.cwd()
    os.chdir(folder)
    quiet = os.open(os.devnull, os.O_WRONLY)
    kept = [os.dup(1), os.dup(2)]
    try:
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, number)
            os.close(copy)
        os.close(quiet)
        os.chdir(before)


if __name__ == "__main__":
    main()
