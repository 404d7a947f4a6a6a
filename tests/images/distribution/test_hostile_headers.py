"""Whatever a registry writes into its headers: an exact image or an error of ours, never a crash."""

from __future__ import annotations

import contextlib
import os

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kfp.errors import ImageError
from kfp.images.distribution.auth import Credentials
from kfp.images.distribution.push import push
from kfp.images.distribution.registry import Registry, RegistryOptions
from kfp.images.distribution.retry import Retry
from kfp.images.distribution.transport import Settings
from kfp.images.image import Image
from kfp.images.reference import Reference
from tests.images.distribution.faulty_registry import Asked, FaultyRegistry, Reply, Serve
from tests.images.distribution.test_registry import Known

EXAMPLES = min(2000, int(os.environ.get("KFP_TEST_FUZZ", "40")))
SETTINGS = Settings(connect_timeout=1, read_timeout=2, retry=Retry(attempts=2, first_delay=0, patience=0), environ={})

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
HOSTS = st.sampled_from(
    ["127.0.0.1", "127.0.0.1:1", "[::1", "", "a b", "ä.test", "x" * 300, "user:pw@127.0.0.1", "%00"]
)
ADDRESSES = st.builds("{}{}/{}".format, st.sampled_from(["http://", "https://", "//", "ftp:", "http:"]), HOSTS, TEXT)
CHALLENGES = st.builds(
    '{} realm="{}",service="{}",scope={}'.format,
    st.sampled_from(["Bearer", "basic", "Negotiate", ""]),
    st.one_of(ADDRESSES, st.just("http://{host}/token")),
    TEXT,
    TEXT,
)
NUMBERS = st.sampled_from(
    ["", "-1", "0", "9" * 40, "9" * 5000, "5, 5", "1e3", "²", "0-0", "bytes 5-6/7", "bytes 0-", "*/*"]
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Location",
            "WWW-Authenticate",
            "Range",
            "Content-Range",
            "Retry-After",
            "Docker-Content-Digest",
            "Content-Type",
            "Content-Length",
        ]
    ),
    st.one_of(TEXT, ADDRESSES, CHALLENGES, NUMBERS),
    max_size=4,
)
REQUESTS = ["GET /v2/$", "GET /token", "HEAD .*manifests", "HEAD .*blobs", "POST", "PUT .*uploads", "PUT .*manifests"]

LIES = {"HEAD .*blobs", "PUT .*uploads", "PUT .*manifests"}
"""Where a success is believed: a registry that does not mean it refuses the manifest, unlike this one."""


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(REQUESTS),
    st.sampled_from([200, 201, 202, 204, 206, 301, 307, 400, 401, 403, 404, 416, 429, 503, 599]),
    HEADERS,
    st.binary(max_size=30),
)
@example("PUT .*manifests", 307, {"Location": "0"}, b"")
def test_fuzz_headers_of_a_push(
    faulty: FaultyRegistry, image: Image, where: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    faulty.auth = "bearer"
    faulty.faults.clear()
    faulty.manifests.clear()
    faulty.blobs.clear()
    written = {name: value.replace("{host}", faulty.host).strip() for name, value in headers.items()}

    def act(_asked: Asked, _serve: Serve) -> Reply:
        return Reply(status, b"" if status == 204 else body, written)

    faulty.fail(where, act, times=2)
    options = RegistryOptions(Known(Credentials("ada", "s3cret-lace")), SETTINGS)
    with contextlib.suppress(ImageError):
        push(image, Reference.parse(f"{faulty.host}/team/app:v1"), options=options)
        if status in {200, 201} and where in LIES:
            return
        # A redirect is followed, though it leads to another name.
        name = image.digest if status in {301, 307} else "v1"
        assert faulty.manifests["team/app"][name][1] == image.manifest.data
        assert {blob.descriptor.digest for blob in image.blobs} <= faulty.blobs["team/app"].keys()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["GET /v2/$", "GET .*manifests", "GET .*blobs"]),
    st.sampled_from([200, 206, 307, 401, 404, 416, 503]),
    HEADERS,
    st.binary(max_size=30),
)
def test_fuzz_headers_of_a_pull(
    faulty: FaultyRegistry, image: Image, where: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    faulty.faults.clear()
    for blob in image.blobs:
        with blob.open() as stream:
            faulty.put("a/b", stream.read())
    faulty.put_manifest("a/b", "v1", image.manifest.media_type, image.manifest.data)
    written = {name: value.replace("{host}", faulty.host).strip() for name, value in headers.items()}
    faulty.fail(where, lambda _asked, _serve: Reply(status, body, written), times=2)
    client = Registry(faulty.host, Known(Credentials("ada", "s3cret-lace")), settings=SETTINGS)
    with contextlib.suppress(ImageError):
        manifest = client.get_manifest("a/b", "v1")
        assert manifest.data == image.manifest.data or "Docker-Content-Digest" in headers or status == 200
        with client.get_blob("a/b", image.layers[0].descriptor) as stream:
            assert len(stream.read()) == image.layers[0].descriptor.size
    client.transport.close()
