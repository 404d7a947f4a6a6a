"""Projects and source distributions that build with nothing but the standard library: no network, no setuptools."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

BACKEND = '''\
"""A build backend (PEP 517) of its own: everything below src/ becomes the wheel."""
import base64, hashlib, io, pathlib, tarfile, zipfile

NAME, VERSION, TAG, LINES = {name!r}, {version!r}, {tag!r}, {lines!r}


def build_wheel(directory, config_settings=None, metadata_directory=None):
    information = f"{{NAME}}-{{VERSION}}.dist-info"
    lines = "".join(f"{{line}}\\n" for line in LINES)
    sources = sorted(pathlib.Path("src").rglob("*.py"))
    files = {{path.relative_to("src").as_posix(): path.read_bytes() for path in sources}}
    metadata = f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n{{lines}}"
    files[f"{{information}}/METADATA"] = metadata.encode()
    files[f"{{information}}/WHEEL"] = f"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: {{TAG}}\\n".encode()
    digest = lambda data: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record = "".join(f"{{path}},sha256={{digest(data)}},{{len(data)}}\\n" for path, data in files.items())
    files[f"{{information}}/RECORD"] = f"{{record}}{{information}}/RECORD,,\\n".encode()
    name = f"{{NAME}}-{{VERSION}}-{{TAG}}.whl"
    with zipfile.ZipFile(pathlib.Path(directory, name), "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return name


def build_sdist(directory, config_settings=None):
    name = f"{{NAME}}-{{VERSION}}.tar.gz"
    with tarfile.open(pathlib.Path(directory, name), "w:gz") as archive:
        for path in ("pyproject.toml", "backend.py", "src"):
            archive.add(path, f"{{NAME}}-{{VERSION}}/{{path}}")
        data = f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n".encode()
        member = tarfile.TarInfo(f"{{NAME}}-{{VERSION}}/PKG-INFO")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return name
'''
BUILD_SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def project_files(
    name: str,
    version: str = "1.0",
    *,
    requires: tuple[str, ...] = (),
    provides: Mapping[str, tuple[str, ...]] | None = None,
    tag: str = "py3-none-any",
    files: Mapping[str, str] | None = None,
    settings: str = "",
    broken: bool = False,
    static: bool = True,
) -> dict[str, str]:
    """Return the files of a project; if `static`, its pyproject.toml states what it depends on."""
    table = f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {list(requires)!r}\n'
    given = {extra: list(lines) for extra, lines in (provides or {}).items()}
    extras = f"[project.optional-dependencies]\n{''.join(f'{extra} = {lines!r}' for extra, lines in given.items())}\n"
    more = [f"Provides-Extra: {extra}" for extra in given]
    more += [f"Requires-Dist: {line} ; extra == '{extra}'" for extra, lines in given.items() for line in lines]
    sources = files or {f"{name}/__init__.py": f"VERSION = {version!r}\n"}
    return {
        "pyproject.toml": (f'{table}requires-python = ">=3.9"\n\n{extras}\n' if static else "")
        + BUILD_SYSTEM
        + settings,
        "backend.py": "raise ValueError('oh no')"
        if broken
        else BACKEND.format(
            name=name, version=version, tag=tag, lines=[*map("Requires-Dist: {}".format, requires), *more]
        ),
        **{f"src/{path}": text for path, text in sources.items()},
    }


def write_project(folder: Path, name: str, version: str = "1.0", **given: object) -> Path:
    """Write a project into a directory, over the one that is there."""
    for path, text in project_files(name, version, **given).items():  # type: ignore[arg-type]
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def write_sdist(folder: Path, name: str, version: str = "1.0", **given: object) -> Path:
    """Write the source distribution of a project into a directory."""
    files = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        **project_files(name, version, **given),  # type: ignore[arg-type]
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for inside, text in files.items():
            member = tarfile.TarInfo(f"{name}-{version}/{inside}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path
