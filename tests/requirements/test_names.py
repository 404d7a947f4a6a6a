from __future__ import annotations

import pytest

from kfp.requirements import canonical_name, requirement_name, without_kfp


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("numpy", "numpy"),
        ("kfp-skiff>=1", "kfp-skiff"),
        (" Typing_Extensions >= 4 ; python_version < '3.11'", "typing-extensions"),
        ("kfp==2.17.0", "kfp"),
        ("kfp[all]~=2.0", "kfp"),
        ("kfp @ git+https://example.org/kfp", "kfp"),
        ("kfp-kubernetes<3", "kfp-kubernetes"),
        ("zope.interface", "zope-interface"),
        ("a", "a"),
        ("git+https://example.org/x.git", None),
        ("./local", None),
        ("https://example.org/a-1-py3-none-any.whl", "a"),
        ("https://example.org/a-1.tar.gz", None),
        ("git+https://example.org/x.git#egg=x.y&subdirectory=z", "x-y"),
        ("", None),
    ],
)
def test_requirement_name(requirement: str, name: str | None) -> None:
    assert requirement_name(requirement) == name


def test_canonical_name() -> None:
    assert canonical_name("Foo.-_Bar") == "foo-bar"


def test_without_kfp_keeps_the_order_and_drops_repetitions() -> None:
    assert without_kfp(["b", "kfp", " a ", "b", "", "KFP==2"]) == ("b", "a")


@pytest.mark.parametrize(
    "line",
    [
        "kfp",
        "KFP[kubernetes]==2.17.0",
        "kfp>=2,<3 ; python_version > '3'",
        "kfp-skiff",
        "kfp_skiff==0.1",
        "kfp @ git+https://example.org/kfp",
        "git+https://example.org/p#egg=kfp&subdirectory=sdk/python",
        "./dist/kfp_skiff-1.0-py3-none-any.whl",
        "file:///dist/kfp-2.17.0-py3-none-any.whl",
    ],
)
def test_what_provides_the_runtime_is_recognised(line: str) -> None:
    assert without_kfp([line, "kfp-kubernetes", "kfp-pipeline-spec"]) == ("kfp-kubernetes", "kfp-pipeline-spec")
