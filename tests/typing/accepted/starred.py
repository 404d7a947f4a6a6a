"""Names by `import *` and by their full path, with annotations as text."""

from __future__ import annotations

from typing_extensions import assert_type

import kfp
import kfp.compiler
import kfp.dsl as language
from kfp.dsl import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]


@component  # noqa: F405
def twice(x: int, table: Input[Dataset], note: str = "") -> int:  # noqa: F405
    assert_type(table.path, str)
    return 2 * x


@kfp.dsl.component(packages_to_install=["numpy"])
def thrice(x: int) -> int:
    return 3 * x


@language.pipeline
def starred(x: int, table: Input[Dataset]) -> int:  # noqa: F405
    with If(x == 1):  # noqa: F405
        twice(x=thrice(x=x).output, table=table)
    return thrice(x=x).output


assert_type(kfp.compiler.Compiler(), kfp.compiler.Compiler)
version: str = kfp.__version__
