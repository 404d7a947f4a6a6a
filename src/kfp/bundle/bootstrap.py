"""The program that starts a lightweight component's step: `python3 -c PROGRAM SOURCE --executor_input …`."""

from __future__ import annotations

from collections.abc import Set

_BEGIN = """\
import os,sys
h=os.path.dirname(os.__file__)
sys.path.sort(key=lambda p:p not in(h,h+"/lib-dynload")and p[-4:]!=".zip")
import atexit
d=os.path.join(os.environ.get("TMPDIR")or"/tmp","kfp-"+os.urandom(8).hex())
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
import base64,zlib
t=zlib.decompress(base64.b85decode("{payload}".translate(str.maketrans("{safe}","{unsafe}"))),-15).decode().split("\\0")
for p,s in zip(t[::2],t[1::2]):write(os.path.join(d,p),s)
sys.path.insert(0,d)
b,sys.dont_write_bytecode=sys.dont_write_bytecode,True
from kfp.dsl.executor_main import main
sys.dont_write_bytecode=b
sys.exit(main(m,sys.argv[2:],{signature}))
"""

# The image's own kfp may be upstream's, which looks at this variable and reads sys.argv.
INSTALLED = (
    _BEGIN
    + """\
import runpy
os.environ["_KFP_RUNTIME"]="true"
sys.argv[1:2]=["--component_module_path",m]
runpy.run_module("kfp.dsl.executor_main",run_name="__main__",alter_sys=True)
"""
)
"""The program that runs a component by the `kfp` that its image has."""


def bootstrap(parts: Set[str] = frozenset(), signature: str | None = None) -> str:
    """Give the program for `python3 -c` that runs a lightweight component by the bundle that it carries.

    Its arguments are the component's source and then those of `kfp.dsl.executor_main`. It writes the source to a
    temporary file, so that tracebacks show its lines, and removes that at the end. Files of the working directory do
    not hide the standard library.

    Args:
        parts: the parts of the runtime that the component needs besides what every step needs, of
            `kfp.bundle.payload.PARTS`.
        signature: the component's, as `kfp.runtime.written` has it; None where the step reads it, with that part.

    Returns:
        ASCII text without placeholders, the same on every machine.
    """
    from kfp.bundle.payload import SAFE, UNSAFE, payload  # noqa: PLC0415 (start-up: only compilers pack)

    needed = frozenset(parts) if signature is not None else frozenset({*parts, "signature"})
    values = {"safe": SAFE, "unsafe": UNSAFE, "payload": payload(needed), "signature": ascii(signature)}
    return _BEGIN + _RUN_EMBEDDED.format(**values)
