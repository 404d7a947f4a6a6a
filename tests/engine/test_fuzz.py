"""Whatever is done to a document, running it ends: well, with a failed run, or with an error of ours before it starts.

`KFP_TEST_FUZZ` is the number of examples of each test; `make fuzz` runs many.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.result import RunResult
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Step, StepEnd
from kfp.errors import SkiffError
from kfp.ir import files
from kfp.ir.arguments import bind
from tests.ir.damage import damaged, documents, text_of

EXAMPLES = int(os.environ.get("KFP_TEST_FUZZ", "100"))
FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
VALUES = {"NUMBER_INTEGER": 2, "NUMBER_DOUBLE": 0.5, "BOOLEAN": True, "LIST": [1, 2], "STRUCT": {"a": 1}}
MANY = 2_000

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:Generating overly large repr"
)


def value(kind: str | None) -> Any:
    return VALUES.get(kind or "", "text")


class TooMany(Exception):
    """The run is as long as it was asked for, which is too long for a test."""


def run(text: str, said: list[Any]) -> RunResult | None:
    """Run a document on steps that make what they should, or what `said` says: None where it is refused."""
    taken = 0

    def behave(step: Step) -> StepEnd:
        nonlocal taken
        taken += 1
        if taken > MANY:
            raise TooMany
        if said and taken % 3 == 0:
            told = said[taken // 3 % len(said)]
            if told is None:
                return StepEnd(error="it broke")
            step.paths.executor_output.write_text(json.dumps(told))
        elif step.origin is not None:
            outputs = step.origin.task.component.output_definitions.parameters
            made = {name: value(definition.parameter_type) for name, definition in outputs.items()}
            step.paths.executor_output.write_text(json.dumps({"parameterValues": made}))
        return StepEnd()

    with TemporaryDirectory() as folder:
        root = Path(folder)
        place = RunSettings(home=root / "home", pipeline_root=root / "root", workspace=root)
        try:
            document = files.loads(re.sub(r"\w+:/+", "/", text))  # nothing is fetched
            wanted = document.spec.root.input_definitions
            arguments: dict[str, Any] = {
                name: value(each.parameter_type) for name, each in wanted.parameters.items() if not each.is_optional
            }
            arguments |= {name: {"uri": "/nowhere"} for name in wanted.artifacts}
            planned = plan(document.spec, document.platforms)
            bound = bind(document.spec, arguments)
            return execute(planned, bound, FakeExecutor(behave), settings=place)
        except (SkiffError, TooMany):
            return None
        finally:
            assert {path.name for path in root.iterdir()} <= {"home", "root", ".artifacts"}


SAID = st.lists(
    st.none()
    | st.dictionaries(
        st.sampled_from(("parameterValues", "artifacts", "x")),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=3) | st.sampled_from(("Output", "uri", "/etc/passwd")),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(("Output", "data", "artifacts", "uri", "metadata")), inner, max_size=3
                )
            ),
            max_leaves=6,
        ),
        max_size=2,
    ),
    max_size=4,
)


@pytest.mark.parametrize("number", range(len(documents())))
def test_the_seeds_run(number: int) -> None:
    result = run(documents()[number], [])
    assert result is None or result.state in (State.SUCCEEDED, State.FAILED)


@FUZZ
@given(damaged(), SAID)
def test_fuzz_damaged_documents_that_run(whole: list[Any], said: list[Any]) -> None:
    result = run(text_of(whole), said)
    assert result is None or result.state in (State.SUCCEEDED, State.FAILED)


@FUZZ
@given(st.sampled_from(range(len(documents()))), SAID)
def test_fuzz_steps_that_lie(number: int, said: list[Any]) -> None:
    result = run(documents()[number], said)
    assert result is None or result.state in (State.SUCCEEDED, State.FAILED)
