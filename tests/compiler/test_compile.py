from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import UNSET

from kfp import dsl
from kfp.compiler import Compiler
from kfp.compiler.compile import document
from kfp.errors import ArgumentsError, AuthoringError, SkiffError, UndefinedNameError
from kfp.ir.spec import PipelineSpec
from tests.dsl.components import accept, add, two


@dsl.pipeline(name="p")
def pipeline(x: int, items: list = [1, 2.5, {"a": 1}]) -> int:  # noqa: B006 - how users write
    accept(items=[1, 2, x], table={"n": 3})
    return add(a=x).output


def spec(component: Any, **options: Any) -> PipelineSpec:
    return document(component, **options).spec


def test_integers_stay_integers(tmp_path: Path) -> None:
    Compiler().compile(pipeline, str(tmp_path / "p.yaml"))
    written = yaml.safe_load((tmp_path / "p.yaml").read_text())
    constants = written["root"]["dag"]["tasks"]["accept"]["inputs"]["parameters"]
    default = written["root"]["inputDefinitions"]["parameters"]["items"]["defaultValue"]
    assert json.dumps(constants["items"]["runtimeValue"]["constant"][:2]) == "[1, 2]"
    assert json.dumps(constants["table"]["runtimeValue"]["constant"]) == '{"n": 3}'
    assert json.dumps(default) == '[1, 2.5, {"a": 1}]'


def test_name_and_defaults_can_be_replaced() -> None:
    changed = spec(pipeline, name="other", display_name="Other", parameters={"x": 5})
    assert (changed.pipeline_info.name, changed.pipeline_info.display_name) == ("other", "Other")
    assert changed.root.input_definitions.parameters["x"].default_value == 5
    assert spec(pipeline).pipeline_info.name == "p"
    with pytest.raises(ArgumentsError, match="has no parameter 'z'"):
        spec(pipeline, parameters={"z": 1})
    with pytest.raises(ArgumentsError, match="takes an integer"):
        spec(pipeline, parameters={"x": "a"})


def test_new_defaults_are_of_the_parameters_type_and_none_is_no_default() -> None:
    @dsl.pipeline
    def defaults(s: str = "a", n: int = 2, items: list[int] = "[1]") -> None:  # type: ignore[assignment]
        add(a=n, b=1)

    def new(**parameters: object) -> dict[str, object]:
        given = spec(defaults, parameters=parameters).root.input_definitions.parameters
        return {name: parameter.default_value for name, parameter in given.items()}

    assert new() == {"s": "a", "n": 2, "items": [1]}
    assert new(s=None, n=True, items="[2, 3]") == {"s": UNSET, "n": 1, "items": [2, 3]}
    with pytest.raises(TypeError, match="takes text, not the int 3"):
        new(s=3)


def test_a_component_is_compiled_alone() -> None:
    alone = spec(two)
    assert alone.root.dag is not None
    assert list(alone.root.dag.tasks) == ["two"]
    assert list(alone.root.dag.outputs.parameters) == ["number", "text"]


def test_what_is_no_component_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuthoringError, match="neither a pipeline nor a component"):
        Compiler().compile(lambda: None, str(tmp_path / "p.yaml"))  # type: ignore[arg-type]


def test_undefined_names_are_found_before_anything_is_written(tmp_path: Path) -> None:
    @dsl.component
    def broken(a: int) -> int:
        return num1 + a  # type: ignore[name-defined] # noqa: F821

    @dsl.pipeline
    def uses() -> None:
        broken(a=1)

    with pytest.raises(UndefinedNameError, match=r"test_compile\.py:\d+: name 'num1' is not defined in component"):
        Compiler().compile(uses, str(tmp_path / "p.yaml"))
    assert not list(tmp_path.glob("*p.yaml*"))


def test_an_unwritable_directory_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(SkiffError, match="cannot write"):
        Compiler().compile(pipeline, str(tmp_path / "none" / "p.yaml"))


def test_the_same_pipeline_gives_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import sys; from kfp.compiler import Compiler; from tests.compiler.test_compile import pipeline;"
        "Compiler().compile(pipeline, sys.argv[1])"
    )
    texts = set()
    for seed in ("0", "1"):
        path = tmp_path / f"{seed}.yaml"
        root = Path(__file__).parents[2]
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            check=True,
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{root / 'src'}:{root}", "PATH": "/usr/bin:/bin"},
        )
        texts.add(path.read_text())
    assert len(texts) == 1


def test_compiling_grows_linearly_in_size() -> None:
    def chain(calls: int) -> PipelineSpec:
        def body(x: int) -> None:
            task = add(a=x)
            for _ in range(calls):
                task = add(a=task.output)

        return spec(dsl.pipeline(name="chain")(body))

    small, large = chain(20), chain(200)
    assert len(large.components) == 201
    assert len(large.deployment_spec.executors) == len(small.deployment_spec.executors) == 1


def test_platform_settings_are_a_second_document(tmp_path: Path) -> None:
    @dsl.pipeline
    def mounted() -> None:
        add(a=1)
        add(a=1).platform_config["kubernetes"] = {"pvcMount": [{"mountPath": "/x"}]}

    Compiler().compile(mounted, str(tmp_path / "p.yaml"))
    _, platforms = yaml.safe_load_all((tmp_path / "p.yaml").read_text())
    executors = {"exec-add-2": {"pvcMount": [{"mountPath": "/x"}]}}
    assert platforms == {"platforms": {"kubernetes": {"deploymentSpec": {"executors": executors}}}}
    assert mounted.platform_spec.platforms["kubernetes"].deployment_spec.executors["exec-add-2"]


def test_the_official_message_is_built_on_demand() -> None:
    message = pipeline.pipeline_spec
    assert type(message).__name__ == "PipelineSpec"
    assert message.pipeline_info.name == "p"
    assert set(message.components) == {"comp-accept", "comp-add"}


def test_importing_the_compiler_loads_no_yaml_and_no_schema() -> None:
    program = "import sys; from kfp import compiler; compiler.Compiler(); print({'yaml', 'msgspec'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


PACKAGED: list[tuple[dict[str, Any], list[str], list[str]]] = [
    ({}, [], ["pip"]),
    ({"packages_to_install": ["pyyaml", "a>=1; python_version<'4'"]}, ["'pyyaml'", "pip install"], ["kfp=="]),
    (
        {"packages_to_install": ["x"], "pip_index_urls": ["https://a/simple", "https://b/simple"]},
        ["--index-url https://a/simple --extra-index-url https://b/simple"],
        ["--trusted-host"],
    ),
    ({"packages_to_install": ["x"], "pip_trusted_hosts": ["h"]}, ["--trusted-host h"], []),
    ({"packages_to_install": ["x"], "use_venv": True}, ["-m venv --system-site-packages"], []),
    ({"kfp_package_path": "git+https://k/kfp"}, ["'git+https://k/kfp'"], []),
    ({"install_kfp_package": False}, [], ["pip install"]),
]


@pytest.mark.parametrize(("settings", "present", "absent"), PACKAGED)
def test_packages_are_installed_before_the_function_runs(
    settings: dict[str, Any], present: list[str], absent: list[str]
) -> None:
    made = dsl.component(**settings)(add.python_func)
    container = spec(made).deployment_spec.executors["exec-add"].container
    assert container is not None
    *before, python, option, bootstrap, source = container.command
    assert (python, option) == ("python3", "-c")
    assert "def add(" in source
    assert before[:2] == (["sh", "-c"] if present else [])
    prologue = before[-1] if before else ""
    for text in present:
        assert text in prologue
    for text in absent:
        assert text not in prologue
    embeds = settings.get("install_kfp_package", True) and "kfp_package_path" not in settings
    assert (len(bootstrap) > 3000) == embeds


def test_a_containerized_component_installs_nothing() -> None:
    made = dsl.component(target_image="t", packages_to_install=["x"])(add.python_func)
    container = spec(made).deployment_spec.executors["exec-add"].container
    assert container is not None
    assert (container.image, container.command) == ("t", ("python3", "-m", "kfp.dsl.executor_main"))


def test_the_command_runs_without_kfp_and_without_network(tmp_path: Path) -> None:
    container = spec(add).deployment_spec.executors["exec-add"].container
    assert container is not None
    written = tmp_path / "executor_output.json"
    executor_input = {
        "inputs": {"parameterValues": {"a": 2, "b": 5}},
        "outputs": {
            "parameters": {"Output": {"outputFile": str(tmp_path / "Output")}},
            "outputFile": str(written),
        },
    }
    arguments = [json.dumps(executor_input) if arg == "{{$}}" else arg for arg in container.args]
    command = [sys.executable, "-I", "-S", *container.command[1:], *arguments]
    subprocess.run(command, check=True, cwd=tmp_path, env={"TMPDIR": str(tmp_path)})
    assert json.loads(written.read_text()) == {"parameterValues": {"Output": 7}}
