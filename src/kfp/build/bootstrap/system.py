"""What a Linux program expects around it: a shell, a few tools, accounts, name resolution, certificates, /tmp."""

from __future__ import annotations

import os
import shutil
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.build.tree import Tree

TOOLS = (
    "basename", "cat", "chmod", "cp", "cut", "date", "dirname", "echo", "env", "false", "grep", "head", "id", "ln",
    "ls", "mkdir", "mktemp", "mv", "pwd", "readlink", "rm", "rmdir", "sed", "seq", "sha256sum", "sleep", "sort", "tail",
    "tee", "test", "touch", "tr", "true", "uname", "wc",
)  # fmt: skip
"""What the commands of components call, besides Python and the shell's own; those that this machine has are packed."""

CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATE_FILES = (
    f"/{CERTIFICATES}",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_SEARCHED = "/usr/bin:/bin:/usr/sbin:/sbin"
_LOCALES = ("/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8")

FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "etc/profile": "",
}


def add_system(tree: Tree) -> list[Path]:
    """Adds everything but the interpreter and shared libraries, and returns the programs whose libraries are needed.

    Raises:
        BuildError: this machine has no shell.
    """
    for path, text in FILES.items():
        tree.write(path, text.encode())
    for folder in ("root", "home", "run", "var/tmp", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/local/bin"):
        tree.directory(folder, sticky=folder == "var/tmp")
    tree.directory("tmp", sticky=True)
    _add_certificates(tree)
    for locale in _LOCALES:
        for file in Path(locale).rglob("*"):
            if file.is_file():
                tree.copy(str(file), file, executable=False)
    if shutil.which("sh", path=_SEARCHED) is None:
        raise BuildError("this machine has no shell to pack", hint="install dash or bash")
    return list(_programs(tree))


def _programs(tree: Tree) -> Iterator[Path]:
    """Adds shell and tools; several names of one program (dash and sh, or busybox) become links to it."""
    for name in ("sh", *TOOLS):
        found = shutil.which(name, path=_SEARCHED)
        if found is None:
            continue
        program = Path(found).resolve()
        if program.read_bytes()[:4] != b"\x7fELF":
            continue
        if f"usr/bin/{program.name}" not in tree:
            tree.copy(f"usr/bin/{program.name}", program, executable=True)
            yield program
        if program.name != name:
            tree.link(f"usr/bin/{name}", program.name)


def _add_certificates(tree: Tree) -> None:
    """Adds the machine's authorities where Debian has them, and a link where the interpreter's OpenSSL looks."""
    asked = ssl.get_default_verify_paths()
    for candidate in (os.environ.get("SSL_CERT_FILE"), asked.openssl_cafile, *_CERTIFICATE_FILES):
        if candidate and Path(candidate).is_file():
            tree.copy(CERTIFICATES, Path(candidate).resolve(), executable=False)
            break
    else:
        return
    if asked.openssl_cafile.startswith("/") and tree.place(asked.openssl_cafile) != CERTIFICATES:
        tree.link(asked.openssl_cafile, f"/{CERTIFICATES}")
