"""`--kfp-package-path`: another kfp in images that are built here."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kfp import build
from kfp.build.kfp_package import read_runtime
from kfp.errors import BuildError, RequirementsError
from kfp.images.extract import extract_layer
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import TARGET, Write, component, texts_of
from tests.requirements.wheels import write_wheel

MAIN = """\
import sys
from pathlib import Path
print("another kfp runs", *sys.argv[1:])
"""
OTHER = {"kfp/__init__.py": "", "kfp/dsl/__init__.py": "", "kfp/dsl/executor_main.py": MAIN}


@pytest.fixture
def other(wheels: Path, tmp_path: Path) -> Path:
    """A wheel called kfp, which wants a package."""
    write_wheel(wheels, "tinny", files={"tinny.py": ""})
    return write_wheel(
        tmp_path / "dist", "kfp", "2.99.0", files=OTHER, requires=("tinny", "kfp-kubernetes; extra == 'all'")
    )


def test_it_takes_the_place_of_the_runtime(source: Write, store: Store, other: Path, tmp_path: Path) -> None:
    folder = source({"a.py": component()})
    plan = build.plan(folder, runtime=read_runtime(str(other)))
    (made,) = build.build(plan, store=store, options=build.BuildOptions(push=False))
    (platform,) = made.platforms
    assert platform.packages == ("tinny==1.0",)
    (runtime,) = (each for each in platform.layers if each.kind == "runtime")
    assert runtime.summary == "kfp 2.99.0"
    texts = texts_of(runtime.layer)
    assert texts["usr/local/src/kfp/runtime/kfp/dsl/executor_main.py"] == MAIN
    assert "usr/local/src/kfp/runtime/sitecustomize.py" not in texts
    image = store.get(Reference.parse(TARGET))
    assert image is not None
    assert image.config.env["PYTHONPATH"] == "/usr/local/src/kfp/runtime"
    extract_layer(runtime.layer, tmp_path / "unpacked", prefix="usr/local/src/kfp/runtime")
    ran = subprocess.run(
        [sys.executable, "-m", "kfp.dsl.executor_main", "x"],
        env={"PYTHONPATH": str(tmp_path / "unpacked")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout == "another kfp runs x\n"


def test_without_one_the_image_is_what_it_was(source: Write, store: Store, other: Path) -> None:
    folder = source({"a.py": component()})
    options = build.BuildOptions(push=False)
    ids = []
    for runtime in (None, read_runtime(str(other)), None):
        (made,) = build.build(build.plan(folder, runtime=runtime), store=store, options=options)
        ids.append(made.platforms[0].id)
    assert ids[0] == ids[2] != ids[1]


def test_what_is_no_kfp(tmp_path: Path, wheels: Path) -> None:
    with pytest.raises(BuildError, match="no such directory or wheel") as caught:
        read_runtime("kfp==2.17.0")
    assert "--no-build-image" in str(caught.value.hint)
    with pytest.raises(BuildError, match="no package called kfp"):
        read_runtime(str(write_wheel(tmp_path, "six", files={"six.py": ""})))
    (tmp_path / "kfp-1-py3-none-any.whl").write_text("nothing of a zip archive")
    with pytest.raises(BuildError, match="is no wheel"):
        read_runtime(str(tmp_path / "kfp-1-py3-none-any.whl"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequirementsError, match="pyproject"):
        read_runtime(str(tmp_path / "empty"))


def test_a_wheel_that_reaches_out(source: Write, store: Store, other: Path) -> None:
    """What a wheel holds is untrusted: its paths lead nowhere but below the runtime's directory."""
    with zipfile.ZipFile(other, "a") as archive:
        archive.writestr("../../../../etc/passwd", "")
    plan = build.plan(source({"a.py": component()}), runtime=read_runtime(str(other)))
    with pytest.raises(Exception, match="not a plain relative path"):
        build.build(plan, store=store, options=build.BuildOptions(push=False))
