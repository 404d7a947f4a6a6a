"""The runtime bundle on its way to a step: as files of an image, as a directory, or embedded in a command.

The bundle is `kfp/__init__.py`, `errors.py`, `location.py`, `version.py`, `runtime/` and `dsl/`. A containerized
component's image holds all of it; the command of a lightweight component carries only what a step needs.
"""

from __future__ import annotations

import base64
import hashlib
import os
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

from kfp.home import kfp_home

__all__ = ["bootstrap", "directory", "image_files"]

_ROOT = Path(__file__).parent.parent

_MODULES = ("__init__.py", "errors.py", "location.py", "version.py")
_PACKAGES = ("dsl", "runtime")
_SITE_START = "kfp/runtime/site_start.py"

_EMBEDDED = (
    "kfp/__init__.py",
    "kfp/dsl/__init__.py",
    "kfp/dsl/executor_main.py",
    "kfp/errors.py",
    "kfp/location.py",
    "kfp/runtime/__init__.py",
    "kfp/runtime/absent.py",
    "kfp/runtime/annotations.py",
    "kfp/runtime/artifact_types.py",
    "kfp/runtime/artifacts.py",
    "kfp/runtime/executor.py",
    "kfp/runtime/forward.py",
    "kfp/runtime/interface.py",
    "kfp/runtime/loader.py",
    "kfp/runtime/parameter_types.py",
    "kfp/runtime/record.py",
    "kfp/runtime/safe_path.py",
    "kfp/runtime/signature.py",
    "kfp/runtime/status.py",
    "kfp/runtime/structured.py",
    "kfp/runtime/task_config.py",
    "kfp/runtime/values.py",
    "kfp/version.py",
)

_BEGIN = """\
import atexit,binascii,os,sys,zlib
d=os.path.join(os.environ.get("TMPDIR")or"/tmp","kfp-"+binascii.hexlify(os.urandom(8)).decode())
m=os.path.join(d,"ephemeral_component.py")
def clean():
 for p,_,n in os.walk(d,topdown=False):
  for f in n:os.remove(os.path.join(p,f))
  os.rmdir(p)
def write(p,s):
 os.makedirs(os.path.dirname(p),448,exist_ok=True)
 with open(p,"w",encoding="utf-8")as f:f.write(s)
atexit.register(clean)
write(m,sys.argv[1])
"""

# Nothing of the bundle is written as bytecode: the directory is gone when the step ends.
_RUN_EMBEDDED = """\
t=zlib.decompress(binascii.a2b_base64("{payload}"),-15).decode().split("\\0")
for p,s in zip(t[::2],t[1::2]):write(os.path.join(d,p),s)
sys.path.insert(0,d)
b,sys.dont_write_bytecode=sys.dont_write_bytecode,True
import kfp.runtime.safe_path
kfp.runtime.safe_path.install()
from kfp.dsl.executor_main import main
sys.dont_write_bytecode=b
sys.exit(main(["--component_module_path",m]+sys.argv[2:]))
"""

# The image's own kfp may be upstream's, which looks at this variable and reads sys.argv.
_RUN_INSTALLED = """\
import runpy
os.environ["_KFP_RUNTIME"]="true"
sys.argv[1:2]=["--component_module_path",m]
runpy.run_module("kfp.dsl.executor_main",run_name="__main__",alter_sys=True)
"""


def image_files() -> dict[str, bytes]:
    """Give the bundle as the files of a directory on PYTHONPATH.

    Returns:
        Contents by path, in the order of paths: the package `kfp` as it stands in the source tree, and
        `sitecustomize.py`, which puts the standard library before the working directory.
    """
    paths = [_ROOT / name for name in _MODULES]
    for package in _PACKAGES:
        paths += (_ROOT / package).rglob("*.py")
    files = {f"kfp/{path.relative_to(_ROOT).as_posix()}": path.read_bytes() for path in paths}
    files["sitecustomize.py"] = files.pop(_SITE_START)
    return dict(sorted(files.items()))


def directory(cache: Path) -> Path:
    """Write the bundle into a directory for PYTHONPATH, once for each content.

    Args:
        cache: where the directory is kept; it is made if need be. Several processes may share it.

    Returns:
        The directory, below `cache`, whose name comes from what it holds.

    Raises:
        OSError: the cache cannot be written.
    """
    files = image_files()
    digest = hashlib.sha256()
    for path, data in files.items():
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    final = cache / f"runtime-{digest.hexdigest()[:16]}"
    if final.is_dir():
        return final
    import shutil  # noqa: PLC0415 (start-up: most calls find the directory)

    draft = cache / f".{final.name}-{os.urandom(4).hex()}"
    try:
        for path, data in files.items():
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        try:
            draft.rename(final)
        except OSError:
            if not final.is_dir():  # else another process was faster, with the same content
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return final


@cache
def bootstrap(embed: bool = True) -> str:
    """Give the program for `python3 -c` that runs a lightweight component.

    Its arguments are the component's source and then those of `kfp.dsl.executor_main`. It writes the source to a
    temporary file, so that tracebacks show its lines, and removes that at the end.

    Args:
        embed: whether the program carries the bundle; else it runs the `kfp` that the image has.

    Returns:
        ASCII text without placeholders, the same on every machine.
    """
    if not embed:
        return _BEGIN + _RUN_INSTALLED
    return _BEGIN + _RUN_EMBEDDED.replace("{payload}", _payload())


def _payload() -> str:
    """Give the embedded files, packed; packing takes a moment, so the result is kept in the cache under KFP_HOME."""
    sources = [(_ROOT.parent / path).read_text(encoding="utf-8") for path in _EMBEDDED]
    packers = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    key = hashlib.sha256("\0".join([*sources, *packers]).encode()).hexdigest()
    kept = kfp_home() / "cache" / "bootstrap" / f"{key}.txt"
    with suppress(OSError, ValueError, zlib.error):  # missing, or cut short
        payload = kept.read_text(encoding="ascii")
        zlib.decompress(base64.b64decode(payload, validate=True), -15)
        return payload
    payload = _packed(sources)
    draft = kept.with_name(f".{key}-{os.urandom(4).hex()}")
    with suppress(OSError):  # without a cache every process packs for itself
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(payload, encoding="ascii")
        draft.replace(kept)
    return payload


def _packed(sources: list[str]) -> str:
    """Pack files: paths and stripped sources in turn, with a NUL between, deflated, as base64."""
    from kfp.bundle.deflate import deflate  # noqa: PLC0415 (start-up: the payload is kept)
    from kfp.bundle.strip import strip  # noqa: PLC0415 (as above)

    texts: list[str] = []
    for path, source in zip(_EMBEDDED, sources, strict=True):
        texts += (path, strip(source))
    return base64.b64encode(deflate("\0".join(texts).encode())).decode("ascii")
