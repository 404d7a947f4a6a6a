from __future__ import annotations

from pathlib import Path

import pytest

from kfp.engine.platforms.named import Named, variable
from kfp.engine.platforms.reading import Kind
from kfp.errors import RunError

SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: db}
data: {user: YW5u, blob: //4=}
stringData: {password: "x: y"}
"""
CONFIG_MAP = """\
kind: ConfigMap
metadata: {name: db}
data: {user: config}
binaryData: {blob: //4=}
"""


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("secret", "db: {user: ann, port: 5432, on: true}", {"user": b"ann", "port": b"5432", "on": b"true"}),
        ("secret", '{"db": {"user": "ann"}, "other": {}}', {"user": b"ann"}),
        ("secret", SECRET, {"user": b"ann", "blob": b"\xff\xfe", "password": b"x: y"}),
        ("secret", f"{CONFIG_MAP}---\n{SECRET}", {"user": b"ann", "blob": b"\xff\xfe", "password": b"x: y"}),
        ("configMap", f"{CONFIG_MAP}---\n{SECRET}", {"user": b"config", "blob": b"\xff\xfe"}),
        ("secret", "kind: List\nitems: [{kind: Secret, metadata: {name: db}, data: {a: YQ==}}]", {"a": b"a"}),
        ("secret", "", None),
        ("secret", "kind: {a: b}", None),
    ],
)
def test_a_file(tmp_path: Path, kind: Kind, text: str, expected: dict[str, bytes] | None) -> None:
    (tmp_path / "file").write_text(text)
    assert Named(kind, tmp_path / "file").all("db") == expected


def test_a_directory(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "user").write_bytes(b"ann\n")
    (tmp_path / "db" / "..data").mkdir()
    (tmp_path / "more.yaml").write_text("other: {a: b}")
    (tmp_path / "README").write_text("not read")
    named = Named("secret", tmp_path)
    assert named.all("db") == {"user": b"ann\n"}
    assert named.all("other") == {"a": b"b"}
    assert named.all("README") is None


def test_the_environment_names_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("db: {a: b}")
    monkeypatch.setenv("KFP_CONFIG_MAPS", str(tmp_path / "file"))
    assert Named("configMap", None).all("db") == {"a": b"b"}
    assert Named("secret", None).all("db") is None


@pytest.mark.parametrize(
    ("kind", "name", "key", "expected"),
    [
        ("secret", "my-db.x", "Pass.word", "KFP_SECRET_MY_DB_X_PASS_WORD"),
        ("configMap", "a", "", "KFP_CONFIG_MAP_A"),
    ],
)
def test_the_names_of_variables(kind: Kind, name: str, key: str, expected: str) -> None:
    assert variable(kind, name, key) == expected


@pytest.mark.parametrize(
    "text",
    ["db: geheim", "geheim", "[geheim]", "db: {a: [geheim]}", "db: {a: geheim", "kind: Secret\ndata: {a: geheim}",
     "kind: Secret\nmetadata: {name: db}\ndata: {a: 'geheim!'}", "\tgeheim: {"],
)  # fmt: skip
def test_what_is_no_file_of_secrets_is_refused_without_a_word_of_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(RunError, match="does not hold secrets") as caught:
        Named("secret", tmp_path / "file")
    assert "geheim" not in repr(caught.value) + str(caught.value) + str(caught.value.hint)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"--secrets .*nowhere cannot be read"):
        Named("secret", tmp_path / "nowhere")


def test_values_that_no_variable_can_hold(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(SECRET)
    with pytest.raises(RunError, match="key 'blob' of secret 'db' is no text"):
        Named("secret", tmp_path / "file").value("db", "blob")


def test_a_variable_that_is_no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_SECRET_DB", "geheim")
    with pytest.raises(RunError, match="KFP_SECRET_DB is set, but to no JSON object") as caught:
        Named("secret", None).all("db")
    assert "geheim" not in str(caught.value)


def test_values_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("db: {a: geheim}")
    assert repr(Named("secret", tmp_path / "file")) == "<1 secrets>"
