from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from kfp.errors import (
    AuthenticationError,
    ImageNotFound,
    InvalidImage,
    RegistryError,
    RegistryUnreachable,
)
from kfp.images import media_types
from kfp.images.descriptor import Descriptor
from kfp.images.distribution.auth import Credentials, Keychain
from kfp.images.distribution.registry import Registry
from kfp.images.image import Image
from tests.images.distribution.conftest import QUICK
from tests.images.distribution.faulty_registry import FaultyRegistry, answer, corrupt, cut_at, drop, error, serve, slow
from tests.parts.processes import free_port

HTML = "<html><body>Please log in</body></html>"


class Known(Keychain):
    """A keychain that knows one account for every registry."""

    def __init__(self, credentials: Credentials) -> None:
        super().__init__((Path("/etc/tests/config.json"),))
        object.__setattr__(self, "_known", credentials)

    def lookup(self, registry: str, repository: str | None = None) -> Credentials | None:
        found: Credentials = self._known  # type: ignore[attr-defined]
        return found


def client_of(faulty: FaultyRegistry, credentials: Credentials | None = None) -> Registry:
    return Registry(faulty.host, Keychain() if credentials is None else Known(credentials), settings=QUICK)


ADA = Credentials("ada", "s3cret-lace")


def put_image(faulty: FaultyRegistry, image: Image, repository: str = "a/b") -> None:
    for blob in image.blobs:
        with blob.open() as stream:
            faulty.put(repository, stream.read())
    faulty.put_manifest(repository, "v1", image.manifest.media_type, image.manifest.data)


# Greeting


def test_one_greeting_serves_for_all(client: Registry, faulty: FaultyRegistry) -> None:
    for _ in range(3):
        assert client.head_blob("a/b", "sha256:" + "0" * 64) is False
    assert faulty.lines().count("GET /v2/") == 1


def test_an_open_registry_never_opens_the_keychain(faulty: FaultyRegistry, tmp_path: Path) -> None:
    broken = tmp_path / "config.json"
    broken.write_text("{")
    assert Registry(faulty.host, Keychain((broken,)), settings=QUICK).head_blob("a", "sha256:" + "0" * 64) is False


@pytest.mark.parametrize("status", [200, 401, 404])
def test_a_web_page_is_no_registry(client: Registry, faulty: FaultyRegistry, status: int) -> None:
    faulty.fail("GET", answer(status, HTML, Content_Type="text/html; charset=utf-8"), times=9)
    with pytest.raises(RegistryError, match="did not answer like a registry") as caught:
        client.get_manifest("a/b", "v1")
    assert caught.value.hint


def test_a_web_page_in_place_of_a_manifest_is_no_image(client: Registry, faulty: FaultyRegistry) -> None:
    faulty.fail("manifests", answer(200, HTML, Content_Type="text/html"))
    with pytest.raises(RegistryError, match="did not answer like a registry"):
        client.get_manifest("a/b", "v1")


def test_something_else_that_speaks_http_is_no_registry(client: Registry, faulty: FaultyRegistry) -> None:
    faulty.fail("GET", answer(404, "nothing here"), times=9)
    with pytest.raises(RegistryError, match=r"GET /v2/\): HTTP 404 Not Found"):
        client.ping()


def test_a_greeting_may_need_patience(client: Registry, faulty: FaultyRegistry) -> None:
    faulty.fail("GET", answer(503), times=3)
    client.ping()


def test_a_registry_that_is_down_is_named_with_its_port() -> None:
    host = f"localhost:{free_port()}"
    with pytest.raises(RegistryUnreachable, match=f"cannot reach the registry {host}: connection refused"):
        Registry(host, Keychain(), settings=QUICK).ping()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder


def test_a_local_registry_with_tls_is_found_without_being_told(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with serve(FaultyRegistry(), context) as faulty:
        client = Registry(faulty.host, Keychain(), settings=QUICK)
        assert client.head_blob("a", "sha256:" + "0" * 64) is False
        client.transport.close()


def test_a_registry_elsewhere_is_only_spoken_to_with_tls(
    monkeypatch: pytest.MonkeyPatch, faulty: FaultyRegistry
) -> None:
    # The name leads to this machine, as a hostile or mistaken name server could make it.
    monkeypatch.setattr("kfp.images.distribution.registry.is_loopback", lambda _host: False)
    monkeypatch.setattr("kfp.images.distribution.transport.is_loopback", lambda _host: False)
    with pytest.raises(RegistryUnreachable, match="no TLS connection"):
        Registry(faulty.host, Keychain(), settings=QUICK).ping()
    assert faulty.asked == []
    insecure = Registry(faulty.host, Keychain(), settings=QUICK, insecure=True)
    insecure.ping()
    insecure.transport.close()


def test_docker_hub_is_reached_at_its_own_address(faulty: FaultyRegistry) -> None:
    through = {"http_proxy": f"http://{faulty.host}", "https_proxy": f"http://127.0.0.1:{free_port()}"}
    client = Registry("docker.io", Keychain(), insecure=True, settings=replace(QUICK, environ=through))
    client.ping()
    assert faulty.asked[0].target == "http://registry-1.docker.io/v2/"


# Authorization


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_credentials_let_in(faulty: FaultyRegistry, image: Image, auth: str) -> None:
    put_image(faulty, image)
    faulty.auth = auth
    assert client_of(faulty, ADA).get_manifest("a/b", "v1").digest == image.digest
    assert len(faulty.lines("manifests")) == 1  # the greeting's challenge is answered before the first request


def test_anybody_may_need_a_token_too(faulty: FaultyRegistry, image: Image) -> None:
    put_image(faulty, image)
    faulty.auth = "bearer"
    assert client_of(faulty).get_manifest("a/b", "v1").digest == image.digest
    (asked,) = faulty.token_requests
    assert "authorization" not in asked.headers
    assert asked.query == {"service": "tests", "scope": "repository:a/b:pull"}


def test_one_token_serves_until_it_ends(faulty: FaultyRegistry, image: Image) -> None:
    put_image(faulty, image)
    faulty.auth = "bearer"
    client = client_of(faulty, ADA)
    for _ in range(3):
        client.get_manifest("a/b", "v1")
    assert len(faulty.token_requests) == 1
    faulty.expires_in = 1
    faulty.tokens.clear()
    for _ in range(3):
        client.get_manifest("a/b", "v1")
    assert len(faulty.token_requests) == 2


def test_each_repository_has_its_own_token(faulty: FaultyRegistry) -> None:
    faulty.auth = "bearer"
    client = client_of(faulty, ADA)
    for repository in ("a", "b", "a"):
        client.head_blob(repository, "sha256:" + "0" * 64)
    assert [t.query["scope"] for t in faulty.token_requests] == ["repository:a:pull", "repository:b:pull"]


def test_a_push_asks_for_its_own_scope_first(faulty: FaultyRegistry) -> None:
    faulty.auth = "bearer"
    client = client_of(faulty, ADA)
    client.plan_access("a", push=True, mount_from=("base", "a"))
    client.head_blob("a", "sha256:" + "0" * 64)
    assert "scope=repository%3Aa%3Apull%2Cpush&scope=repository%3Abase%3Apull" in faulty.token_requests[0].target


def test_a_token_that_ends_midway_is_renewed(faulty: FaultyRegistry, image: Image) -> None:
    put_image(faulty, image)
    faulty.auth = "bearer"
    client = client_of(faulty, ADA)
    client.get_manifest("a/b", "v1")
    faulty.tokens.clear()
    assert client.get_manifest("a/b", "v1").digest == image.digest


def test_a_refresh_token_is_posted(faulty: FaultyRegistry, image: Image) -> None:
    put_image(faulty, image)
    faulty.auth = "bearer"
    client_of(faulty, Credentials(identity_token="refresh-me")).get_manifest("a/b", "v1")
    (asked,) = faulty.token_requests
    assert asked.method == "POST"
    assert b"grant_type=refresh_token" in asked.body
    assert b"refresh-me" not in asked.target.encode()


def test_a_server_without_the_post_form_is_asked_by_get(faulty: FaultyRegistry, image: Image) -> None:
    put_image(faulty, image)
    faulty.auth = "bearer"
    faulty.users["<token>"] = "refresh-me"
    faulty.fail("POST /token", answer(404))
    client_of(faulty, Credentials(identity_token="refresh-me")).get_manifest("a/b", "v1")
    assert [asked.method for asked in faulty.token_requests] == ["GET"]


@pytest.mark.parametrize("auth", ["basic", "bearer"])
@pytest.mark.parametrize("credentials", [None, Credentials("ada", "wrong-secret")])
def test_a_refusal_names_the_files_and_the_remedy(
    faulty: FaultyRegistry, auth: str, credentials: Credentials | None
) -> None:
    faulty.auth = auth
    faulty.fail("GET /token", answer(401, error("UNAUTHORIZED", "wrong-secret is wrong")), times=9)
    with pytest.raises(AuthenticationError) as caught:
        client_of(faulty, credentials).get_manifest("a/b", "v1")
    text = str(caught.value)
    assert faulty.host in text
    assert f"docker login {faulty.host}" in text
    assert credentials is None or "wrong-secret" not in text
    assert ("/etc/tests/config.json (absent)" in text) is (credentials is not None)


@pytest.mark.parametrize(
    "reply", ["", "[]", "{}", '{"token": 1}', '{"token": "a\\nb"}', HTML, '{"token": "' + "x" * 2_000_000 + '"}']
)
def test_a_token_server_that_answers_nonsense_is_reported(faulty: FaultyRegistry, reply: str) -> None:
    faulty.auth = "bearer"
    faulty.fail("GET /token", answer(200, reply), times=9)
    with pytest.raises(RegistryError):
        client_of(faulty).get_manifest("a/b", "v1")


def test_a_life_of_a_token_need_not_be_named(faulty: FaultyRegistry, image: Image) -> None:
    put_image(faulty, image)
    faulty.auth, faulty.expires_in = "bearer", None
    client = client_of(faulty)
    client.get_manifest("a/b", "v1")
    client.get_manifest("a/b", "v1")
    assert len(faulty.token_requests) == 1


@pytest.mark.parametrize("realm", ["http://auth.example/token", "file:///etc/passwd", "http://[bad", ""])
def test_credentials_never_go_out_in_the_clear(faulty: FaultyRegistry, realm: str) -> None:
    faulty.fail("GET", answer(401, WWW_Authenticate=f'Bearer realm="{realm}"'), times=9)
    with pytest.raises(RegistryError, match=r"plain HTTP|not an HTTP one|does not say from where"):
        client_of(faulty, ADA).get_manifest("a/b", "v1")


# Manifests


def test_a_manifest_is_found_by_tag_and_by_digest(client: Registry, faulty: FaultyRegistry, image: Image) -> None:
    put_image(faulty, image)
    assert client.get_manifest("a/b", "v1") == client.get_manifest("a/b", image.digest) == image.manifest
    found = client.head_manifest("a/b", "v1")
    assert found == Descriptor(image.manifest.media_type, image.digest, len(image.manifest.data))
    accepted = faulty.asked[-1].headers["accept"]
    assert all(kind in accepted for kind in media_types.MANIFESTS | media_types.INDEXES)


def test_an_absent_manifest_is_reported(client: Registry) -> None:
    with pytest.raises(ImageNotFound, match="a/b:v1"):
        client.get_manifest("a/b", "v1")
    assert client.head_manifest("a/b", "v1") is None


@pytest.mark.parametrize("status", [403, 405])
def test_a_refused_head_of_a_manifest_is_no_error(client: Registry, faulty: FaultyRegistry, status: int) -> None:
    faulty.fail("HEAD", answer(status))
    assert client.head_manifest("a/b", "v1") is None


@pytest.mark.parametrize("by_digest", [True, False])
def test_a_manifest_that_is_not_what_its_digest_says_is_refused(
    client: Registry, faulty: FaultyRegistry, image: Image, by_digest: bool
) -> None:
    put_image(faulty, image)
    faulty.fail("manifests", corrupt)
    with pytest.raises(InvalidImage, match="is not what its digest"):
        client.get_manifest("a/b", image.digest if by_digest else "v1")


def test_a_manifest_cut_short_is_fetched_again(client: Registry, faulty: FaultyRegistry, image: Image) -> None:
    put_image(faulty, image)
    faulty.fail("manifests", cut_at(10), times=2)
    assert client.get_manifest("a/b", "v1").digest == image.digest


def test_a_huge_manifest_is_refused_before_it_is_read(client: Registry, faulty: FaultyRegistry) -> None:
    faulty.put_manifest("a/b", "v1", media_types.OCI_MANIFEST, b" " * 100_000_000)
    with pytest.raises(RegistryError, match="more than 4194304 bytes"):
        client.get_manifest("a/b", "v1")


@pytest.mark.parametrize("kind", [media_types.DOCKER_SCHEMA1, media_types.DOCKER_SCHEMA1_SIGNED, "application/json"])
def test_schema_1_is_refused_clearly(client: Registry, faulty: FaultyRegistry, kind: str) -> None:
    faulty.put_manifest("a/b", "v1", kind, json.dumps({"schemaVersion": 1, "fsLayers": []}).encode())
    with pytest.raises(InvalidImage, match="schema 1"):
        client.get_manifest("a/b", "v1")


def test_a_registry_s_own_words_reach_the_user_bounded_and_clean(client: Registry, faulty: FaultyRegistry) -> None:
    words = "disk\x1b[31m full " + "very " * 5000 + "eyJhbGciOiJSUzI1NiJ9.payload.sig"
    faulty.fail("manifests", answer(500, error("UNKNOWN", words)), times=9)
    with pytest.raises(RegistryError, match=r"HTTP 500 Internal Server Error: UNKNOWN disk \[31m full very") as caught:
        client.get_manifest("a/b", "v1")
    assert len(str(caught.value)) < 1000
    assert "\x1b" not in str(caught.value)


def test_tokens_in_a_registry_s_words_are_removed(client: Registry, faulty: FaultyRegistry) -> None:
    words = "bad Bearer abcdefghijkl, eyJhbGciOiJSUzI1NiJ9.payload.sig, https://s3/x?X-Amz-Signature=0123456789"
    faulty.fail("manifests", answer(400, error("DENIED", words)))
    with pytest.raises(RegistryError) as caught:
        client.get_manifest("a/b", "v1")
    assert not any(secret in str(caught.value) for secret in ("abcdefghijkl", "payload", "0123456789"))


HUB_LIMIT = error(
    "TOOMANYREQUESTS",
    "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
)
IN_TWO_HOURS = format_datetime(datetime.now(timezone.utc) + timedelta(hours=2), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "when"),
    [
        ({}, "try again later"),
        ({"Retry_After": "600"}, "try again in 600 s"),
        ({"Retry_After": IN_TWO_HOURS}, r"try again in [67]\d\d\d s"),
        ({"Retry_After": "1792678234", "RateLimit_Limit": "100;w=21600"}, "it counts over 6 h"),
    ],
)
@pytest.mark.parametrize("status", [429, 400])
def test_a_rate_limit_is_explained(
    client: Registry, faulty: FaultyRegistry, headers: dict[str, str], when: str, status: int
) -> None:
    faulty.fail("manifests", answer(status, HUB_LIMIT, **headers), times=9)
    with pytest.raises(RegistryError, match=rf"TOOMANYREQUESTS You have reached .*\n.*{when}") as caught:
        client.get_manifest("a/b", "v1")
    assert f"`docker login {faulty.host}`" in str(caught.value)


def test_who_is_logged_in_is_not_told_to(faulty: FaultyRegistry) -> None:
    faulty.auth = "bearer"
    faulty.fail("manifests", answer(429, HUB_LIMIT, Retry_After="600"), times=9)
    with pytest.raises(RegistryError, match="it counts per account; try again in 600 s") as caught:
        client_of(faulty, ADA).get_manifest("a/b", "v1")
    assert "docker login" not in str(caught.value)


# Blobs

DATA = bytes(range(256)) * 2000
BLOB = Descriptor.of(DATA, media_types.OCI_LAYER)


def read(client: Registry, descriptor: Descriptor = BLOB) -> bytes:
    with client.get_blob("a/b", descriptor) as stream:
        return stream.read()


@pytest.fixture
def stocked(faulty: FaultyRegistry) -> FaultyRegistry:
    faulty.put("a/b", DATA)
    return faulty


@pytest.mark.parametrize(("status", "wanted"), [(200, True), (404, False), (403, None), (405, None)])
def test_head_of_a_blob(client: Registry, faulty: FaultyRegistry, status: int, wanted: bool | None) -> None:
    faulty.fail("HEAD", answer(status))
    assert client.head_blob("a/b", BLOB.digest) is wanted


def test_a_blob_is_streamed(client: Registry, stocked: FaultyRegistry) -> None:
    assert read(client) == DATA
    assert stocked.lines("blobs") == [f"GET /v2/a/b/blobs/{BLOB.digest}"]


@pytest.mark.parametrize("cut", [0, 1, 200_000])
def test_a_broken_download_goes_on_where_it_broke(client: Registry, stocked: FaultyRegistry, cut: int) -> None:
    stocked.fail("blobs", cut_at(cut))
    stocked.fail("blobs", cut_at(7))
    assert read(client) == DATA
    assert [asked.headers.get("range") for asked in stocked.asked[1:]][-1] == f"bytes={cut + 7}-"


def test_a_registry_without_ranges_sends_all_again(client: Registry, stocked: FaultyRegistry) -> None:
    stocked.fail("blobs", cut_at(150_000))
    stocked.fail("blobs", answer(200, DATA))
    assert read(client) == DATA


def test_a_download_that_never_ends_well_is_reported(client: Registry, stocked: FaultyRegistry) -> None:
    stocked.fail("blobs", cut_at(100), times=99)
    with pytest.raises(RegistryUnreachable, match=rf"blob {BLOB.digest} from {stocked.host} broke after \d+ of 512000"):
        read(client)
    assert len(stocked.asked) < 10


def test_a_dropped_request_for_a_blob_is_repeated(client: Registry, stocked: FaultyRegistry) -> None:
    stocked.fail("blobs", drop, times=2)
    assert read(client) == DATA


@pytest.mark.parametrize("extra", [b"", b"more"])
def test_wrong_bytes_are_refused(client: Registry, stocked: FaultyRegistry, extra: bytes) -> None:
    stocked.fail("blobs", answer(200, DATA + extra) if extra else corrupt)
    with pytest.raises(InvalidImage):
        read(client)


def test_an_absent_blob_is_named(client: Registry) -> None:
    with pytest.raises(RegistryError, match=f"give the blob {BLOB.digest} of .*BLOB_UNKNOWN"):
        read(client)


def test_a_blob_elsewhere_is_fetched_without_credentials(stocked: FaultyRegistry, other: FaultyRegistry) -> None:
    other.put("elsewhere", DATA)
    stocked.auth = "bearer"
    stocked.fail("blobs", answer(307, Location=f"http://{other.host}/v2/elsewhere/blobs/{BLOB.digest}?X-Sig=abc"))
    client = client_of(stocked, ADA)
    assert read(client) == DATA
    assert "authorization" in stocked.asked[-1].headers
    assert ["authorization" in asked.headers for asked in other.asked] == [False]


def test_a_blob_that_trickles_is_given_up(stocked: FaultyRegistry) -> None:
    stocked.fail("blobs", slow(0.05), times=99)
    hasty = replace(QUICK, read_timeout=0.2, retry=replace(QUICK.retry, attempts=2))
    client = Registry(stocked.host, Keychain(), settings=hasty)
    with pytest.raises(RegistryUnreachable, match=r"no answer within 0\.2 s"):
        read(client)
