from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.errors import InvalidReference
from kfp.images.reference import Reference

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "canonical", "familiar"),
    [
        ("python", "docker.io/library/python:latest", "python:latest"),
        ("python:3.11", "docker.io/library/python:3.11", "python:3.11"),
        ("ada/tool", "docker.io/ada/tool:latest", "ada/tool:latest"),
        ("docker.io/python", "docker.io/library/python:latest", "python:latest"),
        ("index.docker.io/ada/tool:1", "docker.io/ada/tool:1", "ada/tool:1"),
        ("registry-1.docker.io/library/python:3", "docker.io/library/python:3", "python:3"),
        ("localhost/a", "localhost/a:latest", "localhost/a:latest"),
        ("localhost:5000/a/b:v1", "localhost:5000/a/b:v1", "localhost:5000/a/b:v1"),
        ("127.0.0.1:5000/a", "127.0.0.1:5000/a:latest", "127.0.0.1:5000/a:latest"),
        ("[::1]:5000/a", "[::1]:5000/a:latest", "[::1]:5000/a:latest"),
        ("gcr.io/p/i__x/y--z", "gcr.io/p/i__x/y--z:latest", "gcr.io/p/i__x/y--z:latest"),
        ("Host/a", "Host/a:latest", "Host/a:latest"),
        (f"python@{DIGEST}", f"docker.io/library/python@{DIGEST}", f"python@{DIGEST}"),
        (f"q.io/a:v1@{DIGEST}", f"q.io/a:v1@{DIGEST}", f"q.io/a:v1@{DIGEST}"),
        ("localhost", "docker.io/library/localhost:latest", "localhost:latest"),
        ("a:" + "t" * 128, "docker.io/library/a:" + "t" * 128, "a:" + "t" * 128),
    ],
)
def test_names_as_people_write_them(text: str, canonical: str, familiar: str) -> None:
    reference = Reference.parse(text)
    assert (str(reference), reference.familiar) == (canonical, familiar)
    assert Reference.parse(canonical) == Reference.parse(familiar) == reference


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("Python", "repository"),
        ("localhost:5000/", "repository"),
        ("localhost:port/a", "registry"),
        ("q.io/a:", "tag"),
        ("q.io/a:v 1", "tag"),
        ("q.io/a:" + "t" * 129, "tag"),
        ("q.io/a@", "digest"),
        ("q.io/a@sha256:abc", "digest"),
        (f"q.io/a@{DIGEST.upper()}", "digest"),
        (f"q.io/a@{DIGEST}@{DIGEST}", "digest"),
        ("q.io/a//b", "repository"),
        ("q.io/-a", "repository"),
        ("q.io/a___b", "repository"),
        ("q.io/../../etc", "repository"),
        ("q..io/a", "registry"),
        ("https://q.io/a", "registry"),
        (DIGEST[7:], "image ID"),
        ("q.io/" + "a" * 300, "longer"),
        ("a\nb", "repository"),
        ("a:v1\n", "tag"),
    ],
)
def test_names_that_break_the_grammar(text: str, words: str) -> None:
    with pytest.raises(InvalidReference, match=words) as caught:
        Reference.parse(text)
    assert caught.value.hint is None or "registry.example.org" in caught.value.hint
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    ("text", "hint"), [("https://q.io/a", "leave out the scheme"), ("q.io/Team/a", "repository names are lower case")]
)
def test_the_hint_knows_the_usual_slips(text: str, hint: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        Reference.parse(text)
    assert (caught.value.hint or "").startswith(hint)


component = st.from_regex(r"[a-z0-9]{1,8}([._-][a-z0-9]{1,5}|__[a-z0-9]{1,5}){0,2}", fullmatch=True)
registries = st.one_of(
    st.sampled_from(["docker.io", "localhost", "localhost:5000", "127.0.0.1:80", "[::1]:443", "UPPER"]),
    st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4})?(\.[a-z]{2,6}){1,3}(:[0-9]{1,5})?", fullmatch=True),
)
tags = st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
pins = st.none() | st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:".__add__)


def test_the_familiar_form_is_never_another_registrys() -> None:
    assert Reference("docker.io", "my.team/app", "v1").familiar == "docker.io/my.team/app:v1"


@given(registries, st.lists(component, min_size=1, max_size=4).map("/".join), tags, pins)
def test_every_valid_name_survives_a_round_trip(
    registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    if tag is None and digest is None:
        tag = "latest"
    if registry == "docker.io" and "/" not in repository:
        repository = f"library/{repository}"
    reference = Reference(registry, repository, tag, digest)
    assert Reference.parse(str(reference)) == reference
    if registry != "docker.io" or "/" in repository.removeprefix("library/"):
        assert Reference.parse(reference.familiar) == reference


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_an_error(text: str) -> None:
    try:
        reference = Reference.parse(text)
    except InvalidReference:
        return
    assert Reference.parse(str(reference)) == reference


def test_a_reference_without_tag_and_digest_is_refused() -> None:
    with pytest.raises(InvalidReference, match="neither"):
        Reference("q.io", "a")


def test_changes_give_new_references() -> None:
    reference = Reference.parse("q.io/a:v1")
    pinned = reference.with_digest(DIGEST)
    assert (pinned.tag, pinned.locator, reference.locator) == ("v1", DIGEST, "v1")
    assert pinned.with_tag("v2") == Reference("q.io", "a", "v2")
    assert pinned.name == "q.io/a"
