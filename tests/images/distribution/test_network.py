from __future__ import annotations

from pathlib import Path

import pytest

from kfp.errors import RegistryError
from kfp.images.distribution.network import is_loopback, pool_manager, proxy_for, tls_context


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("127.0.0.1:5000", True),
        ("127.9.9.9", True),
        ("[::1]:5000", True),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("10.0.0.1:5000", False),
        ("0.0.0.0:5000", False),
        ("ghcr.io", False),
    ],
)
def test_loopback(host: str, wanted: bool) -> None:
    assert is_loopback(host) is wanted


PROXY = {"https_proxy": "http://proxy:3128"}


@pytest.mark.parametrize(
    ("url", "environ", "wanted"),
    [
        ("https://ghcr.io/v2/", {}, None),
        ("https://ghcr.io/v2/", PROXY, "http://proxy:3128"),
        ("https://ghcr.io/v2/", {"HTTPS_PROXY": "proxy:3128"}, "http://proxy:3128"),
        ("https://ghcr.io/v2/", {"ALL_PROXY": "http://all:1"}, "http://all:1"),
        ("https://ghcr.io/v2/", {"HTTP_PROXY": "http://plain:1"}, None),
        ("http://10.0.0.1/v2/", {"HTTP_PROXY": "http://plain:1"}, "http://plain:1"),
        ("http://10.0.0.1/v2/", {"HTTP_PROXY": "http://evil:1", "REQUEST_METHOD": "GET"}, None),
        ("https://localhost:5000/v2/", PROXY, None),
        ("https://127.0.0.1:5000/v2/", PROXY, None),
        ("https://ghcr.io/v2/", {**PROXY, "NO_PROXY": "*"}, None),
        ("https://ghcr.io/v2/", {**PROXY, "NO_PROXY": "example.com, ghcr.io"}, None),
        ("https://eu.gcr.io/v2/", {**PROXY, "no_proxy": ".gcr.io"}, None),
        ("https://eu.gcr.io/v2/", {**PROXY, "no_proxy": "*.gcr.io"}, None),
        ("https://notgcr.io/v2/", {**PROXY, "no_proxy": "gcr.io"}, "http://proxy:3128"),
        ("https://r.corp:5000/v2/", {**PROXY, "no_proxy": "r.corp:5000"}, None),
        ("https://r.corp:5000/v2/", {**PROXY, "no_proxy": "r.corp:443"}, "http://proxy:3128"),
        ("https://10.1.2.3/v2/", {**PROXY, "no_proxy": "10.0.0.0/8"}, None),
        ("https://11.1.2.3/v2/", {**PROXY, "no_proxy": "10.0.0.0/8"}, "http://proxy:3128"),
        ("https://ghcr.io/v2/", {"https_proxy": "", "HTTPS_PROXY": "http://proxy:3128"}, None),
    ],
)
def test_the_proxy_follows_the_environment(url: str, environ: dict[str, str], wanted: str | None) -> None:
    assert proxy_for(url, environ) == wanted


def test_a_proxy_of_another_kind_is_refused_without_its_password() -> None:
    with pytest.raises(RegistryError, match="socks5://proxy") as caught:
        pool_manager("socks5://ada:s3cret@proxy:1080", None, connections=1, chunk_size=1024)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_file_without_certificates_is_named(variable: str, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("no certificate")
    with pytest.raises(RegistryError, match=f"{variable} names {bundle}"):
        tls_context({variable: str(bundle)})
