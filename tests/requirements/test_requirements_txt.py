from __future__ import annotations

from pathlib import Path

import pytest

from kfp.errors import RequirementsError
from kfp.requirements.requirements_txt import RequirementsFile, read_requirements

DIGEST = "sha256:" + "0" * 64
OTHER = "sha256:" + "1" * 64


def read(folder: Path, text: str, **others: str) -> RequirementsFile:
    (folder / "requirements.txt").write_text(text)
    for name, contents in others.items():
        path = folder / f"{name}.txt"
        path.write_text(contents)
    return read_requirements(folder / "requirements.txt", root=folder)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("numpy\n\n# a comment\n  pyyaml>=6  # another\n", [("numpy", 1), ("pyyaml>=6", 4)]),
        ("one \\\n  ; python_version \\\n  > '3'\ntwo", [("one    ; python_version    > '3'", 1), ("two", 4)]),
        ("\ufeffnumpy\r\npandas\r\n", [("numpy", 1), ("pandas", 2)]),
        ("x @ https://host/x.zip#sha1=1 # not the fragment", [("x @ https://host/x.zip#sha1=1", 1)]),
        ("one\\\n# cut\ntwo", [("one", 1), ("two", 3)]),
        ("one --config-settings a=b", [("one", 1)]),
        ("--prefer-binary\n--only-binary :all:\none", [("one", 3)]),
    ],
)
def test_lines(tmp_path: Path, text: str, lines: list[tuple[str, int]]) -> None:
    found = read(tmp_path, text)
    expected = [(line, f"requirements.txt:{number}") for line, number in lines]
    assert [(each.line, each.origin) for each in found.requirements] == expected


def test_hashes(tmp_path: Path) -> None:
    (one,) = read(tmp_path, f"one==1 \\\n    --hash={DIGEST} \\\n    --hash={OTHER}\n").requirements
    assert (one.line, one.hashes) == ("one==1", (DIGEST, OTHER))


def test_included_files(tmp_path: Path) -> None:
    more = "-r requirements/deep.txt\n-c limits.txt\n"
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "deep.txt").write_text("deep\n./lib\n")
    (tmp_path / "requirements" / "lib").mkdir()
    found = read(tmp_path, "one\n-rmore.txt\n", more=more, limits="two<3\n")
    assert [str(each) for each in found.requirements] == [
        "one (requirements.txt:1)",
        "deep (requirements/deep.txt:1)",
        f"{(tmp_path / 'requirements/lib').as_uri()} (requirements/deep.txt:2)",
    ]
    assert [str(each) for each in found.constraints] == ["two<3 (limits.txt:1)"]


def test_where_packages_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "lace")
    found = read(
        tmp_path,
        "--extra-index-url=https://more/simple\n-i https://ada:${TOKEN}@main/${nothing}simple\n"
        "-f wheels\n--find-links https://page/\n--trusted-host main\n--pre\none\n",
    )
    assert found.indexes.urls == ("https://ada:lace@main/${nothing}simple", "https://more/simple")
    assert found.indexes.find_links == (str(tmp_path / "wheels"), "https://page/")
    assert found.indexes.trusted_hosts == ("main",)
    assert not found.indexes.only_links
    assert found.prereleases
    assert read(tmp_path, "--no-index").indexes.only_links


@pytest.mark.parametrize("line", ["-e .", "--editable=.", ".", "-e ./"])
def test_paths_start_from_the_file(tmp_path: Path, line: str) -> None:
    (found,) = read(tmp_path, f"{line}\n").requirements
    assert found.line == tmp_path.as_uri()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("-r absent.txt", r"absent\.txt cannot be read: No such file"),
        ("-r requirements.txt", "includes it in turn"),
        ("one\n--index one", r"requirements\.txt:2: pip knows no option --index "),
    ],
)
def test_errors(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RequirementsError, match=says):
        read(tmp_path, text)
