"""What an import may load: a list, since times differ from machine to machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

HEAVY = {"argparse", "asyncio", "dataclasses", "email", "inspect", "logging", "pathlib", "shutil", "subprocess"} | {
    "tempfile",
    "threading",
    "unittest",
    "urllib",
    "zipfile",
}


def loaded(program: str) -> set[str]:
    """Run a program in an isolated interpreter and tell which modules it loads that a bare one does not."""
    code = (
        f"import sys; sys.path.insert(0, {str(SOURCE)!r}); before = set(sys.modules)\n{program}\n"
        "after = set(sys.modules) - before; import json; print(json.dumps(sorted(after)))"
    )
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(ran.stdout))


def test_import_kfp_loads_nothing_else() -> None:
    assert loaded("import kfp") == {"kfp", "kfp.version"}


def test_from_kfp_import_dsl_loads_the_table_alone() -> None:
    assert {name for name in loaded("from kfp import dsl") if name.startswith("kfp")} == {
        "kfp",
        "kfp.dsl",
        "kfp.version",
    }


@pytest.mark.parametrize("name", ["Artifact", "Input", "InputPath", "PipelineTaskFinalStatus", "get_uri"])
def test_a_runtime_name_loads_no_authoring(name: str) -> None:
    modules = loaded(f"from kfp.dsl import {name}")
    assert {module for module in modules if module.startswith("kfp.dsl.")} == set()
    assert not modules & HEAVY


def test_a_step_loads_little() -> None:
    modules = loaded("import kfp.dsl.executor_main")
    assert {module for module in modules if module.startswith("kfp.dsl.")} == {"kfp.dsl.executor_main"}
    assert not modules & HEAVY
    assert {module.partition(".")[0] for module in modules} <= set(sys.stdlib_module_names) | {"kfp"}


def test_a_lightweight_steps_header_loads_no_authoring() -> None:
    program = (
        "from kfp import dsl; from kfp.runtime import absent; absent.defer(vars(dsl), dsl.MODULES)\n"
        "exec('from kfp.dsl import *')"
    )
    assert {module for module in loaded(program) if module.startswith("kfp.dsl.")} == set()
