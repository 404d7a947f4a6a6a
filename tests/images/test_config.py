from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.errors import InvalidImage
from kfp.images.config import EPOCH, Config, History, timestamp
from kfp.images.digest import sha256
from kfp.images.platform import Platform
from tests.images.making import AMD64, ARM64

ROOTFS = {"type": "layers", "diff_ids": [sha256(b"1"), sha256(b"2")]}
DIFF = sha256(b"new")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcXYZ", min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
unknown = st.dictionaries(st.text("abc-", min_size=1, max_size=6).map("x-".__add__), json_values, max_size=4)


def config(**fields: Any) -> Config:
    document = {"os": "linux", "architecture": "amd64", "rootfs": ROOTFS, **fields}
    return Config(json.dumps(document).encode())


@given(
    unknown,
    unknown,
    st.dictionaries(st.from_regex("[A-Z]{1,5}", fullmatch=True), st.text("ab =", max_size=5), max_size=3),
)
def test_what_is_not_known_survives_every_change(
    outer: dict[str, Any], inner: dict[str, Any], env: dict[str, str]
) -> None:
    before = config(**outer, config={**inner, "Env": ["A=1", "PATH=/bin"]})
    after = (
        before.with_env(env)
        .with_labels({"l": "1"})
        .with_working_dir("/w")
        .with_user("1000:1000")
        .with_entrypoint(["/e"])
        .with_cmd(["c"])
        .with_created("2024-01-01T00:00:00Z")
        .with_layer(DIFF, "made")
        .with_history("ENV")
        .with_platform(ARM64)
    )
    document = after.to_json()
    assert {key: document[key] for key in outer} == outer
    assert {key: document["config"][key] for key in inner} == inner
    assert after.env == {"A": "1", "PATH": "/bin", **env}
    assert (after.labels, after.working_dir, after.user) == ({"l": "1"}, "/w", "1000:1000")
    assert (after.entrypoint, after.cmd, after.created, after.platform) == (
        ("/e",),
        ("c",),
        "2024-01-01T00:00:00Z",
        ARM64,
    )
    assert after.diff_ids == (*before.diff_ids, DIFF)
    assert Config(after.to_bytes()) == after
    assert before == config(**outer, config={**inner, "Env": ["A=1", "PATH=/bin"]})


def test_bytes_that_were_read_are_kept_as_they_are() -> None:
    text = b'{ "rootfs": {"diff_ids": [], "type": "layers"},  "os":"linux","architecture":"amd64"}'
    assert Config(text).to_bytes() == text
    assert Config(text).digest == sha256(text)


def test_a_changed_configuration_is_canonical() -> None:
    assert Config.create(AMD64).with_env({"B": "2", "A": "ü"}).to_bytes().decode() == (
        '{"architecture":"amd64","config":{"Env":["B=2","A=ü"]},"created":"1970-01-01T00:00:00Z","history":[],'
        '"os":"linux","rootfs":{"diff_ids":[],"type":"layers"}}'
    )


def test_env_is_merged_by_name_in_place() -> None:
    merged = config(config={"Env": ["A=1", "B=2=3", "C"]}).with_env({"B": "", "D": "4"})
    assert merged.to_json()["config"]["Env"] == ["A=1", "B=", "C=", "D=4"]


@pytest.mark.parametrize("env", [{"": "1"}, {"A=B": "1"}, {"A": "\0"}])
def test_an_impossible_variable_is_refused(env: dict[str, str]) -> None:
    with pytest.raises(InvalidImage, match="environment variable"):
        config().with_env(env)


def test_a_new_entrypoint_clears_the_inherited_command() -> None:
    after = config(config={"Entrypoint": ["/old"], "Cmd": ["x"]}).with_entrypoint(["/new"])
    assert (after.entrypoint, after.cmd) == (("/new",), ())
    assert "Cmd" not in after.to_json()["config"]


def test_commands_in_every_spelling_that_docker_reads() -> None:
    assert config(config={"Entrypoint": "/one", "Cmd": None}).entrypoint == ("/one",)
    assert config(config=None).cmd == ()


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (None, [{}, {}]),
        ([], [{}, {}]),
        ([{"created_by": "a"}, {"empty_layer": True}], [{}, {"created_by": "a"}, {"empty_layer": True}]),
        ([{"x": 1}, {"x": 2}], [{"x": 1}, {"x": 2}]),
        ([{"x": 1}, {"x": 2}, {"x": 3}], [{}, {}]),
    ],
)
def test_steps_that_are_not_empty_are_as_many_as_layers(history: list[Any] | None, expected: list[Any]) -> None:
    after = config(history=history).with_layer(DIFF, "made")
    assert after.to_json()["history"] == [*expected, {"created_by": "made", "created": EPOCH}]
    assert sum(not step.empty_layer for step in after.history) == len(after.diff_ids)


def test_an_empty_step() -> None:
    assert config(history=[{}, {}]).with_history("ENV A=1", comment="c").history[-1] == History(
        EPOCH, "ENV A=1", "c", True
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"rootfs": None},
        {"rootfs": {"type": "other"}},
        {"rootfs": {"type": "layers", "diff_ids": "x"}},
        {"rootfs": {"type": "layers", "diff_ids": ["x"]}},
        {"rootfs": {"type": "layers", "diff_ids": [sha256(b"")] * 2000}},
        {"rootfs": []},
        {"config": []},
        {"config": {"Env": "A=1"}},
        {"config": {"Env": [1]}},
        {"config": {"Labels": {"a": 1}}},
        {"config": {"Cmd": 5}},
        {"config": {"WorkingDir": 5}},
        {"history": {}},
        {"history": [1]},
        {"history": [{"created_by": 5}]},
        {"os": 5},
    ],
)
def test_a_malformed_configuration_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidImage):
        config(**fields)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"rootfs":' + b"9" * 5000 + b"}"]
)
def test_what_is_no_configuration_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidImage):
        Config(data)


def test_a_lone_surrogate_is_an_error_not_a_crash() -> None:
    with pytest.raises(InvalidImage, match="cannot be written"):
        Config(json.dumps({"rootfs": ROOTFS, "x": "\ud800"}).encode()).with_working_dir("/")


def test_timestamps() -> None:
    assert (timestamp(0), timestamp(1_700_000_000)) == (EPOCH, "2023-11-14T22:13:20Z")


def test_variants_are_kept() -> None:
    assert Config.create(Platform("linux", "arm", "v6")).platform == Platform("linux", "arm", "v6")
