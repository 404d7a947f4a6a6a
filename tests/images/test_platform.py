from __future__ import annotations

import pytest

from kfp.errors import InvalidReference
from kfp.images.platform import Platform


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", Platform("linux", "amd64")),
        ("linux/x86_64", Platform("linux", "amd64")),
        ("Linux/AARCH64", Platform("linux", "arm64")),
        ("linux/arm64/v8", Platform("linux", "arm64")),
        ("linux/arm/v6", Platform("linux", "arm", "v6")),
        ("linux/armv7l", Platform("linux", "arm", "v7")),
    ],
)
def test_platforms_as_people_write_them(text: str, expected: Platform) -> None:
    assert Platform.parse(text) == expected
    assert Platform.parse(str(expected)) == expected
    assert Platform.from_json(expected.to_json()) == expected


@pytest.mark.parametrize("text", ["", "linux", "linux/", "a/b/c/d", "linux/amd 64", "/amd64"])
def test_what_is_no_platform(text: str) -> None:
    with pytest.raises(InvalidReference, match="not a platform"):
        Platform.parse(text)


@pytest.mark.parametrize(
    ("image", "wanted", "match"),
    [
        ("linux/arm64", "linux/arm64/v8", True),
        ("linux/arm", "linux/arm/v7", True),
        ("linux/arm/v6", "linux/arm", False),
        ("linux/amd64", "linux/arm64", False),
        ("windows/amd64", "linux/amd64", False),
    ],
)
def test_matching(image: str, wanted: str, match: bool) -> None:
    assert Platform.parse(image).matches(Platform.parse(wanted)) is match


def test_the_host_is_linux_in_go_s_names() -> None:
    host = Platform.host()
    assert host.os == "linux"
    assert host.architecture not in ("x86_64", "aarch64", "")
    assert host.known
