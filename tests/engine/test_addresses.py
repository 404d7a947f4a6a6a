from __future__ import annotations

import pytest

from kfp.engine.addresses import basename, is_elsewhere, is_store, redacted


@pytest.mark.parametrize(
    ("uri", "store", "elsewhere"),
    [
        ("/data", False, False),
        ("relative", False, False),
        ("file:///data", False, False),
        ("s3://b/k", True, True),
        ("S3://b/k", True, True),
        ("minio://b/k", True, True),
        ("gs://b/k", True, True),
        ("az://b/k", True, True),
        ("abfs://b@a.dfs.core.windows.net/k", True, True),
        ("oci://r/m:v1", False, True),
        ("https://h/k", False, True),
        ("dummy://x", False, False),
    ],
)
def test_places(uri: str, store: bool, elsewhere: bool) -> None:
    assert (is_store(uri), is_elsewhere(uri)) == (store, elsewhere)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("s3://b/a/model.pkl", "model.pkl"),
        ("s3://b/a/model/", "model"),
        ("s3://b", "b"),
        ("s3://b/a%20b?", "a%20b?"),
        ("https://h/a%20b.csv?x=/1", "a b.csv"),
        ("https://h/a%2F..%2Fb", "b"),
        ("https://h/%2e%2e", "content"),
        ("https://h/", "content"),
        ("s3://b/..", "content"),
        ("s3://b/" + "n" * 300, "content"),
    ],
)
def test_file_names(uri: str, name: str) -> None:
    assert basename(uri) == name


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://u:p@h/x", "https://***@h/x"),
        ("https://token@h/x?a=1&X-Amz-Signature=abc&b=2", "https://***@h/x?a=1&X-Amz-Signature=***&b=2"),
        ("abfs://container@account.dfs/x", "abfs://container@account.dfs/x"),
        ("abfs://u:p@account.dfs/x", "abfs://***@account.dfs/x"),
        ("at s3://k:s@b/k, and at https://q/?sig=a%2Bb or so", "at s3://***@b/k, and at https://q/?sig=*** or so"),
        ("s3://b/a@b", "s3://b/a@b"),
        ("https://h/?next=https://i/?token=a&b=1", "https://h/?next=https://i/?token=***&b=1"),
    ],
)  # fmt: skip
def test_what_is_secret_is_not_shown(uri: str, shown: str) -> None:
    assert redacted(uri) == shown


@pytest.mark.parametrize("text", ["q" * 2_000_000 + "://", "?sig" * 500_000, "://" + "q@" * 1_000_000, "&" * 2_000_000])
def test_long_texts_take_no_longer_than_they_are(text: str) -> None:
    assert redacted(text) == text
