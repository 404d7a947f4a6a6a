"""Which commit an image is of, asked of real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kfp.build.revision import Revision, find_revision, public_url
from kfp.build.source import read_context
from kfp.build.stat_cache import StatCache
from tests.parts.processes import require

IDENTITY = {
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Ada"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "ada@example.org"),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def git(folder: Path, *arguments: str) -> str:
    command = [require("git", "git"), "-C", str(folder), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **IDENTITY})
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a component directory in it, all committed."""
    root = tmp_path / "repository"
    (root / "src").mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "src/a.py").write_text("x = 1\n")
    (root / "src/other.py").write_text("y = 1\n")
    (root / ".gitignore").write_text("*.bin\n__pycache__\n/built/\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    return root


def find(folder: Path, cache: Path | None = None) -> Revision | None:
    context = read_context(folder, StatCache(folder.parent / "digests.json"))
    return find_revision(context, cache or folder.parent / f"cache-{os.urandom(4).hex()}")


def test_a_clean_commit(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "remote", "add", "origin", "https://ada:s3cret@example.org/team/code.git?token=x")
    found = find(repository / "src")
    assert found == Revision(commit, modified=False, source="https://example.org/team/code.git")
    assert found.annotations == {
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.source": "https://example.org/team/code.git",
    }


@pytest.mark.parametrize(
    ("path", "text", "modified"),
    [
        ("src/a.py", "x = 2\n", True),
        ("src/new.py", "", True),
        ("src/model.bin", "ignored by git, and in the image", True),
        ("src/other.py", None, True),
        ("elsewhere.py", "outside of the component directory", False),
        ("src/component_metadata/a.yaml", "what a build leaves", False),
        ("src/kfp_config.ini", "likewise", False),
        ("src/__pycache__/a.pyc", "never in an image", False),
        ("src/.env", "left out: looks like a secret", False),
    ],
)
def test_what_makes_an_image_differ_from_its_commit(
    repository: Path, path: str, text: str | None, modified: bool
) -> None:
    file = repository / path
    if text is None:
        file.unlink()
    else:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    found = find(repository / "src")
    assert found is not None
    assert found.modified is modified
    assert str(found).endswith("-dirty") is modified


def test_a_directory_that_git_ignores_is_not_of_the_commit(repository: Path) -> None:
    (repository / "built/inner").mkdir(parents=True)
    (repository / "built/inner/b.py").write_text("z = 1\n")
    found = find(repository / "built/inner")
    assert found is not None
    assert found.modified


def test_wherever_git_keeps_its_head(repository: Path, tmp_path: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "remote", "add", "upstream", "git@example.org:team/code.git")
    expected = Revision(commit, modified=False, source="ssh://git@example.org/team/code.git")
    git(repository, "pack-refs", "--all")
    assert find(repository / "src") == expected
    git(repository, "worktree", "add", "--quiet", "-b", "branch/deep", str(tmp_path / "tree"))
    assert find(tmp_path / "tree/src") == expected
    git(repository, "checkout", "--quiet", "--detach")
    assert find(repository / "src") == expected
    git(repository, "remote", "add", "second", "https://example.org/other.git")
    assert find(repository / "src") == Revision(commit, modified=False, source="")


def test_git_is_asked_once(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = find(repository / "src", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(repository / "src", tmp_path / "cache") == known
    assert find(repository / "src", tmp_path / "other") is None  # nobody can tell whether it is clean
    (repository / "src/a.py").write_text("x = 3\n")
    assert find(repository / "src", tmp_path / "cache") is None


def test_by_way_of_a_link_and_at_the_top(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository / "src")
    for folder in (tmp_path / "link", repository):
        found = find(folder)
        assert found is not None
        assert not found.modified
    (repository / "src/größe.py").write_text("")
    for folder in (tmp_path / "link", repository):
        found = find(folder)
        assert found is not None
        assert found.modified


def test_in_a_hook_of_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    found = find(repository / "src")
    assert found is not None
    assert not found.modified


def test_without_a_commit(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert find(tmp_path / "plain") is None
    git(tmp_path, "init", "--quiet")
    assert find(tmp_path / "plain") is None


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://example.org/team/code.git", "https://example.org/team/code.git"),
        ("https://ghp_token@example.org:8443/code", "https://example.org:8443/code"),
        ("https://ada:s3cret@example.org/code?private_token=x#y", "https://example.org/code"),
        ("ssh://git@example.org:22/code.git", "ssh://git@example.org:22/code.git"),
        ("ssh://git:s3cret@example.org/code.git", "ssh://example.org/code.git"),
        ("git@example.org:team/code.git", "ssh://git@example.org/team/code.git"),
        ("example.org:team/code.git", "ssh://example.org/team/code.git"),
        ("user:s3cret@example.org:team/code.git", ""),
        ("/srv/code.git", ""),
        ("../code.git", ""),
        ("file:///srv/code.git", ""),
        ("codecommit::eu-west-1://profile@code", ""),
        ("", ""),
    ],
)
def test_public_urls(url: str, public: str) -> None:
    assert public_url(url) == public
