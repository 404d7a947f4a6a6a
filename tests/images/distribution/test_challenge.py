from __future__ import annotations

import pytest

from kfp.images.distribution.challenge import Challenge, parse_challenges

BEARER = Challenge("bearer", {"realm": "https://a.example/t", "service": "r", "scope": "repository:a/b:pull,push"})


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        pytest.param(
            'Bearer realm="https://a.example/t",service="r",scope="repository:a/b:pull,push"', [BEARER], id="plain"
        ),
        pytest.param(
            'BEARER Realm="https://a.example/t" , SERVICE=r , Scope="repository:a/b:pull,push"', [BEARER], id="any case"
        ),
        pytest.param(
            "bearer realm=https://a.example/t,service=r,scope=repository:a/b:pull,push", [BEARER], id="unquoted"
        ),
        pytest.param(
            "bearer scope=repository:a/b:pull,push,service=r,realm=https://a.example/t", [BEARER], id="bare scope first"
        ),
        pytest.param(
            'Basic realm="x, y", Bearer realm="https://a.example/t",service="r",scope="repository:a/b:pull,push"',
            [Challenge("basic", {"realm": "x, y"}), BEARER],
            id="several, with a comma inside",
        ),
        pytest.param('Basic realm="say \\"hi\\""', [Challenge("basic", {"realm": 'say "hi"'})], id="escapes"),
        pytest.param("Negotiate, Basic", [Challenge("negotiate"), Challenge("basic")], id="bare schemes"),
        pytest.param("", [], id="empty"),
        pytest.param('="', [], id="nonsense"),
    ],
)
def test_a_header_is_read(header: str, wanted: list[Challenge]) -> None:
    assert list(parse_challenges([header])) == wanted


def test_several_headers_are_read_in_order() -> None:
    assert [c.scheme for c in parse_challenges(["Bearer realm=a", "Basic realm=b"])] == ["bearer", "basic"]


def test_a_challenge_lists_its_scopes() -> None:
    assert parse_challenges(['Bearer scope="repository:a:pull repository:b:pull,push"'])[0].scopes == (
        "repository:a:pull",
        "repository:b:pull,push",
    )


def test_a_hostile_header_is_read_quickly() -> None:
    assert len(parse_challenges(["a" * 10_000_000, 'x="' * 1_000_000, "," * 10_000_000])) <= 3
