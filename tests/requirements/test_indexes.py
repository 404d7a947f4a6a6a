from __future__ import annotations

from pathlib import Path

import pytest

from kfp.requirements import Indexes
from kfp.requirements.indexes import redact


def test_pip_settings_stand_in_for_missing_uv_settings() -> None:
    pip = {
        "PIP_INDEX_URL": "https://a/simple",
        "PIP_EXTRA_INDEX_URL": "https://b/simple\nhttps://c/simple",
        "PIP_FIND_LINKS": "/x /y",
        "PIP_TRUSTED_HOST": "a b",
        "PIP_CERT": "/ca.pem",
    }
    assert {key: value for key, value in Indexes().environ(pip).items() if key not in pip} == {
        "UV_DEFAULT_INDEX": "https://a/simple",
        "UV_INDEX": "https://b/simple https://c/simple",
        "UV_FIND_LINKS": "/x,/y",
        "UV_INSECURE_HOST": "a b",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_uv_settings_win_over_pip_settings(name: str) -> None:
    seen = Indexes().environ({name: "https://uv/simple", "PIP_INDEX_URL": "https://pip/simple"})
    assert seen[name] == "https://uv/simple"
    assert "https://pip/simple" not in {seen.get("UV_DEFAULT_INDEX"), seen.get("UV_INDEX_URL")}


def test_the_component_wins_over_the_environment() -> None:
    indexes = Indexes(("https://mine/simple", "https://more/simple"), ("mine",), ("/links",))
    seen = indexes.environ({"UV_INDEX_URL": "https://uv/simple", "PIP_NO_INDEX": "1", "UV_FIND_LINKS": "/other"})
    assert seen["UV_DEFAULT_INDEX"] == "https://mine/simple"
    assert seen["UV_INDEX"] == "https://more/simple"
    assert seen["UV_INSECURE_HOST"] == "mine"
    assert seen["UV_FIND_LINKS"] == "/other,/links"
    assert not {"UV_INDEX_URL", "PIP_NO_INDEX"} & set(seen)


def test_the_fingerprint_sees_the_wheels_of_a_directory(tmp_path: Path) -> None:
    indexes = Indexes(find_links=(str(tmp_path),))
    before = indexes.fingerprint({})
    (tmp_path / "a-1-py3-none-any.whl").write_bytes(b"")
    assert indexes.fingerprint({}) != before
    assert Indexes().fingerprint({}) == Indexes().fingerprint({"HOME": "/somewhere"})


def test_the_fingerprint_sees_uvs_settings_and_nothing_else_of_a_project(tmp_path: Path) -> None:
    project = tmp_path / "repository" / "src"
    project.mkdir(parents=True)
    environ = {"HOME": str(tmp_path)}
    seen = [Indexes().fingerprint(environ, directory=project)]
    pyproject = tmp_path / "repository" / "pyproject.toml"
    pyproject.write_text("[tool.ruff]\nline-length = 120\n")
    assert Indexes().fingerprint(environ, directory=project) == seen[0]
    for text in ('[tool.uv]\nprerelease = "allow"\n', '[[tool.uv.index]]\nurl = "https://host/simple"\n'):
        pyproject.write_text(text + "[tool.ruff]\n")
        seen.append(Indexes().fingerprint(environ, directory=project))
    pyproject.write_text(text + "[tool.ruff]\nline-length = 100\n")
    assert Indexes().fingerprint(environ, directory=project) == seen[-1]
    (tmp_path / ".config/uv").mkdir(parents=True)
    (tmp_path / ".config/uv/uv.toml").write_text("offline = true\n")
    seen.append(Indexes().fingerprint(environ, directory=project))
    assert len(set(seen)) == 4


def test_redact() -> None:
    assert redact("at https://ada:lace@host/simple and http://host/") == "at https://****@host/simple and http://host/"
