"""The files that travel inside a lightweight component, as the Python text that unpacks them in the step.

The text sets the globals that KFP's executor looks up: `__KFP_EMBEDDED_ASSET_DIR`, and `__KFP_EMBEDDED_ASSET_FILE`
where one file was named. Its archive depends on the files' contents and names alone.
"""

from __future__ import annotations

import base64
import io
import tarfile
from pathlib import Path

from kfp.bundle.strip import strip
from kfp.dsl.embedded import Embedded, files
from kfp.errors import AuthoringError
from kfp.images.gzip import member

_STEP = Path(__file__).with_name("notebook_step.py")

_UNPACK = """
__KFP_EMBEDDED_ARCHIVE_B64 = {archive!r}


def __kfp_unpack(archive):
    import atexit, base64, io, shutil, sys, tarfile, tempfile

    directory = tempfile.mkdtemp(prefix="kfp-embedded-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(archive)), mode="r:gz") as files:
        files.extractall(directory, **({{"filter": "data"}} if hasattr(tarfile, "data_filter") else {{}}))
    sys.path.insert(0, directory)
    return directory


__KFP_EMBEDDED_ASSET_DIR = __kfp_unpack(__KFP_EMBEDDED_ARCHIVE_B64)
"""
_FILE = "__KFP_EMBEDDED_ASSET_FILE = __KFP_EMBEDDED_ASSET_DIR + {path!r}\n"
_NOTEBOOK = """\
__kfp_notebook = {{}}
exec({program!r}, __kfp_notebook)


def run_notebook(**kwargs):
    __kfp_notebook["execute"](__KFP_EMBEDDED_ASSET_FILE, __KFP_EMBEDDED_ASSET_DIR, kwargs)


dsl.run_notebook = run_notebook
"""


def preamble(embedded: Embedded) -> str:
    """Return the text, which stands before the component's function.

    Raises:
        AuthoringError: a file cannot be read.
    """
    path = Path(embedded.path)
    try:
        archive = base64.b64encode(member(_archive(path), "portable")).decode("ascii")
    except OSError as error:
        raise AuthoringError(f"{path} cannot be embedded: {error}") from None
    text = _UNPACK.format(archive=archive)
    if path.is_file():
        text += _FILE.format(path=f"/{path.name}")
    elif embedded.notebook is not None:
        text += _FILE.format(path=f"/{embedded.notebook}")
    if embedded.notebook is not None:
        text += _NOTEBOOK.format(program=strip(_STEP.read_text(encoding="utf-8")))
    return text


def _archive(path: Path) -> bytes:
    """Return a file, or what a directory holds, as a tar archive."""
    entries = {path.name: path} if path.is_file() else {name: path / name for name in files(str(path))}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, source in entries.items():
            data = source.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mode = 0o755 if source.stat().st_mode & 0o100 else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()
