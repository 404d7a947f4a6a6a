"""Components on an image with Python 3.7, the oldest that a step may run on."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.parts.engines import ContainerEngine
from tests.parts.interpreters import interpreters
from tests.parts.processes import missing
from tests.walk.conftest import COMPONENT, TARGET, Project

OLD = "localhost/python-old:3.7"


def pack(python: Path, root: Path) -> None:
    """Lay out an interpreter, its standard library, a shell and their shared libraries as an image's root."""
    prefix = Path(subprocess.check_output([python, "-c", "import sys; print(sys.base_prefix)"], text=True).strip())
    library = root / "usr/local/lib/python3.7"
    leave_out = shutil.ignore_patterns("test", "site-packages", "__pycache__", "config-*")
    shutil.copytree(prefix / "lib/python3.7", library, ignore=leave_out)
    (library / "site-packages").mkdir()
    (root / "usr/local/bin").mkdir()
    shutil.copy2(prefix / "bin/python3.7", root / "usr/local/bin/python3")
    (root / "bin").mkdir()
    shutil.copy2(Path("/bin/sh").resolve(), root / "bin/sh")
    (root / "tmp").mkdir()
    programs = [prefix / "bin/python3.7", Path("/bin/sh"), *(library / "lib-dynload").glob("*.so")]
    listed = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    for name in sorted(set(re.findall(r"(/\S+\.so\S*) \(0x", listed))):
        target = root / name[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(name, target)


@pytest.fixture
def old_base(docker: ContainerEngine, tmp_path: Path) -> Path:
    """An archive with a base image whose configuration says nothing of Python."""
    python = interpreters().get("3.7")
    if python is None:
        missing("no Python 3.7 on this machine")
    pack(python, tmp_path / "root")
    archive = tmp_path / "root.tar"
    subprocess.run(["tar", "-C", tmp_path / "root", "-cf", archive, "."], check=True)
    docker("import", "-c", "ENV PATH=/usr/local/bin:/bin", str(archive), OLD)
    saved = tmp_path / "old.tar"
    docker("save", OLD, "-o", str(saved))
    return saved


def test_python_3_7(project: Project, old_base: Path) -> None:
    project.kfp("image", "load", str(old_base))
    component = COMPONENT.format(base=OLD, target=TARGET).replace(
        "    return", "    import sys\n\n    print('on', sys.version_info[:2])\n    return"
    )
    pipeline = (
        "from kfp import dsl\n"
        "from src.my_component import add\n\n"
        f"@dsl.component(base_image={OLD!r})\n"
        "def double(a: int) -> int:\n"
        "    import sys\n\n"
        "    print('light on', sys.version_info[:2])\n"
        "    return 2 * a\n\n"
        "@dsl.pipeline\n"
        "def p(x: int) -> int:\n"
        "    return double(a=add(a=x, b=x).output).output\n"
    )
    project.write({"src/my_component.py": component, "src/json.py": "", "src/types.py": "", "pipeline.py": pipeline})
    project.build("--no-push-image")
    project.kfp("dsl", "compile", "--py", "pipeline.py", "--output", "pipeline.yaml")
    ran = project.kfp("run", "create", "--package-file", "pipeline.yaml", "--runner", "container", "x=3")
    assert "add    | on (3, 7)" in ran
    assert "double | light on (3, 7)" in ran
    assert "Output = 12" in ran
