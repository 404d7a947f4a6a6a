from __future__ import annotations

from pathlib import Path

import pytest

from kfp.build import Plan, plan
from kfp.build.events import ComponentFound, FilesLeftOut
from kfp.errors import BuildError, InvalidReference, SkiffError, UndefinedNameError
from tests.build.conftest import BASE, TARGET, Write, component


def names(made: Plan) -> dict[str, list[str]]:
    return {str(image.target): [each.function_name for each in image.components] for image in made.images}


def test_components_are_grouped_by_image(source: Write) -> None:
    folder = source(
        {
            "b.py": component("second") + component("first").replace("from kfp import dsl", ""),
            "pack/c.py": component("third", target="localhost:5000/other:1", base="localhost/other-base:2"),
            "light.py": "from kfp import dsl\n\n@dsl.component\ndef light() -> int:\n    return 1\n",
            "helper.py": "x = 1\n",
        }
    )
    events: list[object] = []
    made = plan(folder, on_event=events.append)
    assert names(made) == {TARGET: ["first", "second"], "localhost:5000/other:1": ["third"]}
    assert [(each.function_name, each.path) for each in made.components] == [
        ("first", "b.py"), ("second", "b.py"), ("third", "pack/c.py"),
    ]  # fmt: skip
    assert {str(image.base) for image in made.images} == {BASE, "localhost/other-base:2"}
    found = [event for event in events if isinstance(event, ComponentFound)]
    assert ("first", folder / "b.py") in [(event.function_name, event.path) for event in found]
    assert list(folder.glob("component_metadata")) == []


def test_a_component_belongs_to_the_file_that_defines_it(source: Write) -> None:
    folder = source(
        {"a.py": component(), "b.py": "from .a import add\nfrom a import add as same\n\nassert add is same\n"}
    )
    (only,) = plan(folder).components
    assert only.path == "a.py"
    with pytest.raises(BuildError, match=r"b\.py"):
        plan(folder, "b.py")


@pytest.mark.parametrize("name", ["math", "types", "json", "random", "typing", "os"])
def test_siblings_with_standard_names(source: Write, name: str) -> None:
    folder = source({f"{name}.py": "value = 1\n", "a.py": f"from .{name} import value\n{component()}"})
    assert names(plan(folder)) == {TARGET: ["add"]}


def test_requirements_and_indexes_are_united(source: Write) -> None:
    second = component("two", packages=("pyyaml", "six==1.17", "kfp==2.17"))
    folder = source(
        {
            "a.py": component("one", packages=("six==1.17", "numpy")),
            "b.py": second.replace("packages_to", "pip_index_urls=['https://i/simple'], packages_to"),
        }
    )
    (image,) = plan(folder).images
    assert image.requirements == ("numpy", "pyyaml", "six==1.17")
    assert image.indexes.urls == ("https://i/simple",)


def test_a_second_plan_sees_what_changed(source: Write) -> None:
    folder = source({"a.py": f"from helper import N\n{component()}", "helper.py": "N = 1\n"})
    assert names(plan(folder, "a.py")) == {TARGET: ["add"]}
    source({"a.py": f"from helper import N\n{component('renamed' * 3)}", "helper.py": "N = 1\nM = 2\n"})
    assert names(plan(folder, "a.py")) == {TARGET: ["renamed" * 3]}


def test_the_directory_may_be_named_in_any_way(source: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = source({"pack/__init__.py": component()})
    monkeypatch.chdir(folder / "pack")
    link = folder.parent / "link"
    link.symlink_to(folder)
    for name in ("..", "../../src", str(link)):
        (only,) = plan(Path(name)).components
        assert only.path == "pack/__init__.py"


def test_a_wrapped_function_belongs_to_its_own_module(source: Write) -> None:
    body = "    @functools.wraps(f)\n    def g(*a, **k):\n        return f(*a, **k)\n    return g\n"
    wrapper = f"import functools\n\ndef wrap(f):\n{body}"
    text = component().replace("def add", "@wrap\ndef add").replace("from kfp", "from wrapper import wrap\nfrom kfp")
    (only,) = plan(source({"a.py": text, "wrapper.py": wrapper})).components
    assert only.path == "a.py"


def test_what_modules_print_is_no_output(source: Write, capsys: pytest.CaptureFixture[str]) -> None:
    plan(source({"a.py": f"print('noise')\n{component()}"}))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "noise\n")


def test_secrets_are_told(source: Write) -> None:
    events: list[object] = []
    plan(source({"a.py": component(), ".env": ""}), on_event=events.append)
    assert FilesLeftOut((".env",)) in events


@pytest.mark.parametrize(
    ("files", "pattern", "says"),
    [
        ({"a.py": component()}, "nothing_*.py", ["nothing_*.py"]),
        ({"a.py": component(), "x.txt": ""}, "*.txt", ["*.txt"]),
        ({"a.py": component()}, "/etc/*.py", ["/etc/*.py"]),
        ({"a.py": component()}, "", ["pattern"]),
        ({"a.py": component(), ".dockerignore": "a.py"}, "a.py", ["a.py", "left out"]),
        ({"a.py": "x = 1"}, "*.py", ["a.py", "no component"]),
        ({"a.py": "from kfp import dsl\n@dsl.component\ndef f(): pass\n"}, "*.py", ["target_image", "a.py", "f"]),
        ({"a.py": "import absent_x\n"}, "*.py", ["src/a.py:1", "absent_x"]),
        ({"a.py": "\n\n1 / 0\n"}, "*.py", ["src/a.py:3", "division by zero"]),
        ({"a.py": "x = 1\ndef f(:\n"}, "*.py", ["src/a.py:2", "invalid syntax"]),
        ({"a.py": "from .b import x\n", "b.py": "\n\nraise ValueError('no')\n"}, "a.py", ["src/b.py:3", "no"]),
        ({"a.py": "import sys\nsys.exit(3)\n"}, "*.py", ["src/a.py:2", "SystemExit", "__main__"]),
        ({"a.py": component(), "b.py": component()}, "*.py", ["add", "a.py", "b.py"]),
        ({"a.py": component(base=TARGET)}, "*.py", [TARGET, "add"]),
        (
            {"a.py": component("x", base="host:5/o"), "b.py": component("y", base=TARGET, target="host:5/o")},
            "*.py",
            [TARGET, "host:5/o", "x", "y"],
        ),
        ({"a.py": component("x"), "b.py": component("y", base="other")}, "*.py", [TARGET, "a.py", "b.py", "other"]),
    ],
)  # fmt: skip
def test_bad_input(source: Write, files: dict[str, str], pattern: str, says: list[str]) -> None:
    folder = source(files)
    before = sorted(folder.rglob("*.*"))
    with pytest.raises(BuildError) as raised:
        plan(folder, pattern)
    for words in says:
        assert words in str(raised.value)
    assert [path for path in sorted(folder.rglob("*.*")) if path.suffix != ".pyc"] == before


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (component(target="host:5/My Project/x"), InvalidReference, ["host:5/My Project/x", "target_image", "a.py"]),
        (component(base="UPPER//case"), InvalidReference, ["UPPER//case", "base_image", "a.py"]),
        (component().replace("return a", "return b"), UndefinedNameError, ["a.py:6", "b", "add"]),
    ],
)  # fmt: skip
def test_components_that_cannot_work(source: Write, text: str, error: type[SkiffError], says: list[str]) -> None:
    folder = source({"a.py": text})
    with pytest.raises(error) as raised:
        plan(folder)
    for words in says:
        assert words in str(raised.value)


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="nowhere"):
        plan(tmp_path / "nowhere")
