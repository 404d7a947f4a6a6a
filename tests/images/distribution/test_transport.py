from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from kfp.errors import RegistryError, RegistryUnreachable
from kfp.images.distribution.exchange import Payload, Request
from kfp.images.distribution.retry import Retry
from kfp.images.distribution.transport import Settings, Stream, Transport
from tests.images.distribution.conftest import HASTY, QUICK
from tests.images.distribution.faulty_registry import (
    Act,
    Asked,
    FaultyRegistry,
    Reply,
    Serve,
    answer,
    cut_at,
    drop,
    slow,
)
from tests.parts.processes import free_port

FOR_EVER = 3600.0


def transport(settings: Settings = QUICK, registry: str = "localhost") -> Transport:
    return Transport(registry, settings)


def get(registry: FaultyRegistry, path: str = "/v2/", **changes: object) -> Request:
    return replace(Request("GET", f"http://{registry.host}{path}"), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(faulty: FaultyRegistry, status: int) -> None:
    faulty.fail("GET", answer(status), times=2)
    assert transport().send(get(faulty)).status == 200
    assert len(faulty.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 501])
def test_what_will_not_pass_is_not(faulty: FaultyRegistry, status: int) -> None:
    faulty.fail("GET", answer(status), times=9)
    assert transport().send(get(faulty)).status == status
    assert len(faulty.asked) == 1


def test_the_last_answer_comes_back_when_no_attempt_is_left(faulty: FaultyRegistry) -> None:
    faulty.fail("GET", answer(503, "sorry"), times=9)
    got = transport().send(get(faulty))
    assert (got.status, got.data, len(faulty.asked)) == (503, b"sorry", 4)


def test_retry_after_is_obeyed(faulty: FaultyRegistry) -> None:
    faulty.fail("GET", answer(429, Retry_After="1"))
    started = time.monotonic()
    assert transport().send(get(faulty)).status == 200
    assert time.monotonic() - started >= 1


def test_a_retry_after_beyond_patience_ends_the_attempts(faulty: FaultyRegistry) -> None:
    faulty.fail("GET", answer(429, Retry_After="3600"))
    assert transport().send(get(faulty)).status == 429
    assert len(faulty.asked) == 1


@pytest.mark.parametrize("fault", [drop, cut_at(1)])
def test_a_broken_answer_is_asked_for_again(faulty: FaultyRegistry, fault: Act) -> None:
    faulty.fail("GET", fault)
    assert transport().send(get(faulty)).data == b"{}"
    assert len(faulty.asked) == 2


def test_a_stalled_answer_is_asked_for_again(faulty: FaultyRegistry) -> None:
    hung_up = threading.Event()

    def stall(_asked: Asked, serve: Serve) -> Reply:
        hung_up.wait(60)
        return serve()

    faulty.fail("GET", stall)
    assert transport(HASTY).send(get(faulty)).data == b"{}"
    hung_up.set()
    assert len(faulty.asked) >= 2  # a busy machine may be late once more


def test_what_must_not_be_sent_twice_is_not(faulty: FaultyRegistry) -> None:
    faulty.fail("PUT", answer(503), times=9)
    assert transport().send(get(faulty, method="PUT", replay=False)).status == 503
    faulty.faults.clear()
    faulty.fail("PUT", drop, times=9)
    with pytest.raises(RegistryUnreachable, match="lost the connection to"):
        transport().send(get(faulty, method="PUT", replay=False))
    assert len(faulty.asked) == 2


def test_slow_bytes_end_in_a_timeout(faulty: FaultyRegistry) -> None:
    faulty.fail("GET", slow(0.1), times=9)
    faulty.put("a", b"x" * 100)
    path = "/v2/a/blobs/" + next(iter(faulty.blobs["a"]))
    with pytest.raises(RegistryUnreachable, match=r"no answer within 0\.5 s"):  # each of them came within it
        transport(replace(HASTY, retry=replace(HASTY.retry, attempts=1))).send(get(faulty, path))


def test_a_stream_that_only_trickles_ends_in_a_timeout(faulty: FaultyRegistry) -> None:
    faulty.fail("GET", slow(0.1), times=9)
    path = "/v2/a/blobs/" + faulty.put("a", b"x" * 100)
    stream = transport(HASTY).stream(get(faulty, path))
    assert isinstance(stream, Stream)
    with pytest.raises(RegistryUnreachable, match=r"no answer within 0\.5 s"):
        b"".join(iter(stream.read, b""))


def test_a_registry_that_is_down_is_reported_at_once() -> None:
    host = f"127.0.0.1:{free_port()}"
    patient = Settings(environ={}, retry=Retry(first_delay=FOR_EVER, longest_delay=FOR_EVER))
    with pytest.raises(RegistryUnreachable, match=f"cannot reach the registry {host}: connection refused") as caught:
        transport(patient, host).send(Request("GET", f"http://{host}/v2/"))
    assert caught.value.hint


def test_a_name_that_does_not_exist_is_reported() -> None:
    with pytest.raises(RegistryUnreachable, match=r"the registry r\.invalid: its name cannot be resolved"):
        transport(registry="r.invalid").send(Request("GET", "https://r.invalid/v2/"))


def test_an_answer_beyond_the_limit_is_refused_whatever_it_announces(faulty: FaultyRegistry) -> None:
    for announce in (None, 10):
        reply = Reply(200, b"x" * 200_000, announce=announce)
        faulty.fail("GET", lambda _asked, _serve, reply=reply: reply)
    with pytest.raises(RegistryError, match="more than 1000 bytes"):
        transport().send(get(faulty), limit=1000)
    assert transport().send(get(faulty), limit=1000).data == b"x" * 10


def test_authorization_does_not_follow_to_another_host(faulty: FaultyRegistry, other: FaultyRegistry) -> None:
    faulty.fail("GET", answer(307, Location=f"http://{other.host}/v2/"))
    assert transport().send(get(faulty, authorization="Bearer secret")).status == 200
    assert faulty.asked[0].headers["authorization"] == "Bearer secret"
    assert "authorization" not in other.asked[0].headers


def test_authorization_stays_gone_on_the_way_back(faulty: FaultyRegistry, other: FaultyRegistry) -> None:
    faulty.fail("GET /start", answer(302, Location=f"http://{other.host}/away"))
    other.fail("GET /away", answer(302, Location=f"http://{faulty.host}/v2/"))
    assert transport().send(get(faulty, "/start", authorization="Bearer secret")).status == 200
    assert ["authorization" in asked.headers for asked in faulty.asked] == [True, False]


def test_authorization_follows_on_the_same_host(faulty: FaultyRegistry) -> None:
    faulty.fail("GET", answer(301, Location="/v2/"))
    transport().send(get(faulty, "/old/", authorization="Bearer secret"))
    assert [asked.headers["authorization"] for asked in faulty.asked] == ["Bearer secret"] * 2


def test_a_body_follows_only_where_the_method_stays(faulty: FaultyRegistry, other: FaultyRegistry) -> None:
    import io

    body = Payload(5, lambda: io.BytesIO(b"hello"))
    faulty.fail("PUT", answer(307, Location=f"http://{other.host}/x"))
    transport().send(get(faulty, method="PUT", body=body, replay=False))
    assert other.asked[0].body == b"hello"
    faulty.fail("PUT", answer(302, Location=f"http://{other.host}/x"))
    assert transport().send(get(faulty, method="PUT", body=body, replay=False)).status == 302
    assert len(other.asked) == 1


def test_endless_redirects_end(faulty: FaultyRegistry) -> None:
    faulty.fail("GET", answer(307, Location="/v2/"), times=99)
    with pytest.raises(RegistryError, match="redirects without end"):
        transport().send(get(faulty))
    assert len(faulty.asked) < 10


@pytest.mark.parametrize(
    "target", ["http://registry.example/v2/", "file:///etc/passwd", "ftp://127.0.0.1/", "http://[bad/", "http://:80/"]
)
def test_redirects_lead_only_where_it_is_safe(faulty: FaultyRegistry, target: str) -> None:
    faulty.fail("GET", answer(302, Location=target))
    with pytest.raises(RegistryError, match=r"plain HTTP|not an HTTP one|redirects"):
        transport().send(get(faulty))


def test_plain_http_is_only_spoken_with_this_machine() -> None:
    with pytest.raises(RegistryError, match=r"10\.255\.255\.1 over plain HTTP"):
        transport().send(Request("GET", "http://10.255.255.1:5000/v2/"))


def test_a_registry_elsewhere_leads_to_nothing_on_this_machine(faulty: FaultyRegistry) -> None:
    with pytest.raises(RegistryError, match=r"the registry r\.example refers to 127\.0\.0\.1 over plain HTTP"):
        transport(registry="r.example").send(get(faulty))
    assert faulty.asked == []


def test_no_secret_shows_in_a_request() -> None:
    assert "secret" not in repr(Request("GET", "https://r/", authorization="Bearer secret", body=b"secret"))


def test_requests_go_through_the_proxy(faulty: FaultyRegistry) -> None:
    environ = {"http_proxy": f"http://ada:s3cret@{faulty.host}"}
    proxied = transport(replace(QUICK, environ=environ, insecure=True))
    proxied.send(Request("GET", "http://r.example:5000/v2/"))
    assert faulty.asked[0].target == "http://r.example:5000/v2/"
    assert faulty.asked[0].headers["proxy-authorization"].startswith("Basic ")


@pytest.mark.parametrize("host", ["127.0.0.1", "proxy.invalid"])
def test_a_dead_proxy_is_named_as_such_without_its_password(host: str) -> None:
    environ = {"https_proxy": f"http://ada:s3cret-lace@{host}:{free_port()}"}
    with pytest.raises(RegistryUnreachable, match="the proxy") as caught:
        transport(replace(QUICK, environ=environ)).send(Request("GET", "https://r.example/v2/"))
    assert "HTTPS_PROXY" in str(caught.value)
    assert "s3cret-lace" not in str(caught.value)
