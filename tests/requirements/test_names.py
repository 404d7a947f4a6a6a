from __future__ import annotations

import pytest

from kfp.requirements import canonical_name, requirement_name, without_kfp


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("numpy", "numpy"),
        (" Typing_Extensions >= 4 ; python_version < '3.11'", "typing-extensions"),
        ("kfp==2.17.0", "kfp"),
        ("kfp[all]~=2.0", "kfp"),
        ("kfp @ git+https://example.org/kfp", "kfp"),
        ("kfp-kubernetes<3", "kfp-kubernetes"),
        ("zope.interface", "zope-interface"),
        ("a", "a"),
        ("git+https://example.org/x.git", None),
        ("./local", None),
        ("https://example.org/a-1-py3-none-any.whl", None),
        ("", None),
    ],
)
def test_requirement_name(requirement: str, name: str | None) -> None:
    assert requirement_name(requirement) == name


def test_canonical_name() -> None:
    assert canonical_name("Foo.-_Bar") == "foo-bar"


def test_without_kfp_keeps_the_order_and_drops_repetitions() -> None:
    assert without_kfp(["b", "kfp", " a ", "b", "", "KFP==2"]) == ("b", "a")
