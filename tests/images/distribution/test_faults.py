"""The fault campaign: every kind of fault, at every kind of request, before a real registry.

Whatever goes wrong, a push ends in bounded time with the image in the registry, byte for byte, or with one error that
shows no secret and leaves no tag on something incomplete; and the next push puts it right. `make faults` runs all
cases; without `KFP_TEST_FAULTS` a part of them is drawn, always the same.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kfp.errors import ImageError, SkiffError
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.pull import fetch_layers, resolve
from kfp.images.distribution.push import push
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.distribution.retry import Retry
from kfp.images.distribution.transport import Settings
from kfp.images.image import Image, scratch
from kfp.images.image_index import ImageIndex
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.distribution import fault_proxy
from tests.images.distribution.fault_proxy import FaultyProxy, Take
from tests.images.distribution.faulty_registry import (
    Act,
    answer,
    corrupt,
    cut_at,
    drop,
    drop_after,
    error,
    serve,
    slow,
)
from tests.parts.registry import RunningRegistry

pytestmark = [pytest.mark.engine, pytest.mark.timeout(120)]

ALL = bool(os.environ.get("KFP_TEST_FAULTS"))
DRAWN = 20
PASSWORD = "s3cret-lace"
SETTINGS = Settings(
    connect_timeout=2,
    read_timeout=8,
    retry=Retry(attempts=4, first_delay=0.01, longest_delay=0.05, patience=2),
    environ={},
)
HASTY = replace(SETTINGS, read_timeout=1.5)
"""For what stalls: a busy machine is slower than that now and then."""
LONGEST_SECONDS = 30
FOR_EVER = 10_000


@dataclass
class World:
    """A registry behind a proxy, another host, and a registry that holds a base; one real registry stands for all."""

    real: RunningRegistry
    proxy: FaultyProxy
    elsewhere: FaultyProxy
    source: FaultyProxy
    options: RegistryOptions

    def kind(self, case: Case) -> Kind:
        """Return the case's kind of fault, and be hasty where it makes somebody wait."""
        if case.kind == "stalled":
            self.options = replace(self.options, settings=HASTY)
        return KINDS[case.kind]


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Attributes:
        act: makes it.
        survived: the kinds of requests at which it does no harm.
        times: when it happens no more often than that.
    """

    act: Callable[[World], Act]
    survived: frozenset[str]
    times: int = 2


PUSH = {
    "greeting": r"GET /v2/$",
    "token": r"GET /token",
    "tag asked": r"HEAD .*/manifests/",
    "blob asked": r"HEAD .*/blobs/",
    "mount": r"POST .*mount=",
    "session": r"POST .*/uploads/$",
    "bytes": r"PUT .*/blobs/uploads/",
    "manifest": r"PUT .*/manifests/",
}
PULL = {
    "greeting": r"GET /v2/$",
    "token": r"GET /token",
    "manifest": r"GET .*/manifests/",
    "blob": r"GET .*/blobs/",
}
EVERYWHERE = frozenset(PUSH) | frozenset(PULL)
ASKED = frozenset({"tag asked", "blob asked", "mount"})
ONCE = frozenset({"greeting", "token", "tag asked", "manifest"})
"""What a push or pull sends no more than one of, unless it goes wrong."""
HUB = error("TOOMANYREQUESTS", "You have reached your pull rate limit.")

KINDS: dict[str, Kind] = {
    "connection lost": Kind(lambda _: drop, EVERYWHERE),
    "reply lost after commit": Kind(lambda _: drop_after, EVERYWHERE),
    "error after commit": Kind(lambda _: fault_proxy.carry_out_and_answer(502), EVERYWHERE),
    "truncated": Kind(lambda _: cut_at(1), EVERYWHERE),
    "stalled": Kind(lambda _: fault_proxy.stall(2), EVERYWHERE),
    "slow bytes": Kind(lambda _: slow(0.02, piece=1500), EVERYWHERE),
    "408": Kind(lambda _: answer(408), EVERYWHERE),
    "429": Kind(lambda _: answer(429, HUB), EVERYWHERE),
    "429 with a date": Kind(lambda _: answer(429, HUB, Retry_After="Sun, 01 Mar 2020 12:00:00 GMT"), EVERYWHERE),
    "429 for an hour": Kind(lambda _: answer(429, HUB, Retry_After="3600"), ASKED),
    "500": Kind(lambda _: answer(500), EVERYWHERE),
    "502 with a page": Kind(lambda _: answer(502, "<html>bad gateway", Content_Type="text/html"), EVERYWHERE),
    "503": Kind(lambda _: answer(503), EVERYWHERE),
    "504": Kind(lambda _: answer(504), EVERYWHERE),
    "507": Kind(lambda _: answer(507), ASKED - {"tag asked"}),
    "401": Kind(lambda _: fault_proxy.challenge, EVERYWHERE - {"token", "greeting"}, times=1),
    "401 without a challenge": Kind(lambda _: answer(401), frozenset()),
    "403": Kind(lambda _: answer(403, error("DENIED", "no")), ASKED),
    "404": Kind(lambda _: answer(404), ASKED | {"bytes"}),
    "405": Kind(lambda _: answer(405), ASKED),
    "413": Kind(lambda _: answer(413), ASKED),
    "a login page": Kind(lambda _: answer(200, "<html>", Content_Type="text/html"), frozenset()),
    "nothing, and 200": Kind(lambda _: answer(200), frozenset()),
    "too much": Kind(lambda _: answer(500, "x" * 20_000_000), frozenset()),
    "not HTTP": Kind(lambda _: fault_proxy.no_http, frozenset()),
    "wrong bytes": Kind(lambda _: corrupt, frozenset()),
    "another digest": Kind(lambda _: fault_proxy.another_digest, ASKED | {"session", "greeting", "token"}),
    "redirect elsewhere": Kind(lambda w: fault_proxy.redirect(lambda: w.elsewhere.host), EVERYWHERE - {"token"}),
    "redirect by 302": Kind(lambda w: fault_proxy.redirect(lambda: w.elsewhere.host, 302), frozenset()),
    "redirect to nowhere": Kind(lambda _: fault_proxy.redirect(lambda: "registry.invalid"), frozenset()),
    "redirect in a circle": Kind(lambda _: fault_proxy.redirect_back, frozenset()),
}
BODIES: dict[str, tuple[Take, bool]] = {
    "hung up in the middle": (fault_proxy.break_off, True),
    "refused early": (fault_proxy.refuse_early, False),
    "unavailable early": (fault_proxy.unavailable_early, True),
    "taken slowly": (fault_proxy.sip(0.1), True),
}
BODY_CASES = [
    (name, times)
    for name in BODIES
    for times in (1, 3, 40)
    if ALL or times == 1 or name != "taken slowly"  # it takes its time, and tells nothing new
]


@dataclass(frozen=True)
class Case:
    """One fault: its kind, at which request, after how many of that kind, and how often."""

    kind: str
    request: str
    after: int
    times: int

    def __str__(self) -> str:
        often = "for ever" if self.times == FOR_EVER else f"{self.times}x"
        return f"{self.kind}, {self.request}, after {self.after}, {often}"


def cases(requests: dict[str, str]) -> list[Case]:
    """Return all cases, or a draw of them in which every kind and every request occurs."""
    found = [
        Case(*each)
        for each in itertools.product(KINDS, requests, (0, 1, 3), (1, 2, FOR_EVER))
        if not (each[0] == "stalled" and each[3] > 1)  # each costs the full time limit, and tells nothing new
        and not (each[1] in ONCE and each[2] > 0)
    ]
    if ALL:
        return found
    random.Random(DRAWN).shuffle(found)
    first = {each.kind: each for each in found} | {each.request: each for each in found}
    chosen = set(first.values()) | set(found[:DRAWN])
    return [each for each in found if each in chosen]


@pytest.fixture
def world(registry: RunningRegistry, tmp_path: Path) -> Iterator[World]:
    config = tmp_path / "auth.json"
    with ExitStack() as stack:
        proxy, elsewhere, source = (stack.enter_context(serve(FaultyProxy(registry.host))) for _ in range(3))
        assert isinstance(proxy, FaultyProxy)
        assert isinstance(elsewhere, FaultyProxy)
        assert isinstance(source, FaultyProxy)
        proxy.auth = "bearer"
        config.write_text(json.dumps({"auths": {proxy.host: {"username": "ada", "password": PASSWORD}}}))
        options = RegistryOptions(keychain=Keychain((config,)), settings=SETTINGS)
        yield World(registry, proxy, elsewhere, source, options)


BASE = "faults/base"


@pytest.fixture(scope="module")
def base(registry: RunningRegistry, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """An image of two layers, in the real registry."""
    store = Store(tmp_path_factory.mktemp("base"))
    layers = [build_layer([Entry.file(f"base{n}", os.urandom(30_000))], store.blobs, compressor=None) for n in range(2)]
    image = scratch(Platform("linux", "amd64")).append(*layers)
    push(image, Reference.parse(f"{registry.host}/{BASE}:v1"), options=RegistryOptions(keychain=Keychain()))
    return image


def make_image(world: World, base: Image, store: Store) -> Image:
    """An image with a layer to be streamed from another registry, one to be mounted, and two of its own."""
    own = [build_layer([Entry.file(f"own{n}", os.urandom(300_000))], store.blobs, compressor=None) for n in range(2)]
    image = base.append(*own)
    origins = {
        layer.descriptor.digest: Reference(host, BASE, digest=base.digest)
        for layer, host in zip(base.layers, (world.source.host, world.proxy.host), strict=True)
    }
    reference = Reference.parse("localhost/faults:v1")
    store.put(image.with_source(store), reference, origins)
    found = store.get(reference)
    assert found is not None
    return found


numbers = itertools.count()


@pytest.fixture
def target(world: World) -> Reference:
    return Reference.parse(f"{world.proxy.host}/faults/{os.getpid()}-{next(numbers)}:v1")


def assert_exact(world: World, image: Image | ImageIndex, target: Reference) -> None:
    """The real registry holds what the digest says, and nothing else has the name."""
    assert world.real.digest_of(target.repository, target.tag or "") == image.digest
    assert world.real.damage(target.repository, image.digest) == []


def assert_no_secret(world: World, failure: SkiffError, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the error nor the log shows a password or a token, and no other host was sent one."""
    text = f"{failure}\n{caplog.text}"
    assert failure.message.count("\n") == 0
    assert len(str(failure)) < 2000
    assert not [secret for secret in (PASSWORD, *world.proxy.tokens) if secret in text]


def assert_credentials_stayed(world: World) -> None:
    """Only the registry itself was sent credentials."""
    strangers = [*world.elsewhere.asked, *world.source.asked]
    given = {asked.headers.get("authorization", "").removeprefix("Bearer ") for asked in strangers}
    assert not given & world.proxy.tokens
    assert not [header for header in given if header.startswith("Basic ")]


def attempt(world: World, image: Image | ImageIndex, target: Reference) -> SkiffError | None:
    started = time.monotonic()
    try:
        push(image, target, options=world.options)
    except ImageError as failure:
        return failure
    finally:
        assert time.monotonic() - started < LONGEST_SECONDS
    return None


def attempt_pull(world: World, reference: Reference, store: Store) -> SkiffError | None:
    started = time.monotonic()
    try:
        fetch_layers(resolve(reference, store=store, options=world.options), store, options=world.options)
    except ImageError as failure:
        return failure
    finally:
        assert time.monotonic() - started < LONGEST_SECONDS
    return None


def check_push(
    world: World, image: Image | ImageIndex, target: Reference, caplog: pytest.LogCaptureFixture, *, survived: bool
) -> None:
    """Push under faults, look, and push again without."""
    caplog.set_level("DEBUG")
    failure = attempt(world, image, target)
    assert_credentials_stayed(world)
    if failure is None:
        assert_exact(world, image, target)
    else:
        assert_no_secret(world, failure, caplog)
        assert not survived, failure
        if world.real.digest_of(target.repository, target.tag or "") is not None:
            assert_exact(world, image, target)  # the reply was lost, not the manifest
    for host in (world.proxy, world.source):
        host.faults.clear()
        host.body_faults.clear()
    push(image, target, options=world.options)
    assert_exact(world, image, target)


@pytest.mark.parametrize("case", cases(PUSH), ids=str)
def test_a_push_ends_in_an_exact_image_or_one_error(
    world: World, base: Image, target: Reference, store: Store, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    image = make_image(world, base, store)
    kind = world.kind(case)
    world.proxy.fail(PUSH[case.request], kind.act(world), case.times, case.after)
    survived = case.request in kind.survived and case.times <= kind.times
    check_push(world, image, target, caplog, survived=survived)


@pytest.mark.parametrize("case", cases({"blob": PULL["blob"], "greeting": PULL["greeting"]}), ids=str)
def test_a_base_that_is_streamed_through_ends_likewise(
    world: World, base: Image, target: Reference, store: Store, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    image = make_image(world, base, store)
    kind = world.kind(case)
    world.source.fail(PULL[case.request], kind.act(world), case.times, case.after)
    survived = case.request in kind.survived and case.times <= kind.times
    check_push(world, image, target, caplog, survived=survived)


@pytest.mark.parametrize(("name", "times"), BODY_CASES)
def test_a_body_that_does_not_arrive_whole_is_sent_anew(
    world: World, base: Image, target: Reference, store: Store, caplog: pytest.LogCaptureFixture, name: str, times: int
) -> None:
    image = make_image(world, base, store)
    take, survived = BODIES[name]
    world.proxy.body_faults += [("PUT", take)] * times
    check_push(world, image, target, caplog, survived=survived and times == 1)


@pytest.mark.parametrize("case", cases(PULL), ids=str)
def test_a_pull_ends_in_an_exact_image_or_one_error(
    world: World, base: Image, tmp_path: Path, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    caplog.set_level("DEBUG")
    kind = world.kind(case)
    world.proxy.fail(PULL[case.request], kind.act(world), case.times, case.after)
    reference = Reference.parse(f"{world.proxy.host}/{BASE}:v1")
    store = Store(tmp_path / "pulled")
    failure = attempt_pull(world, reference, store)
    if failure is not None:
        assert_no_secret(world, failure, caplog)
        assert not (case.request in kind.survived and case.times <= kind.times), failure
    assert_credentials_stayed(world)
    world.proxy.faults.clear()
    pulled = resolve(reference, store=store, options=world.options)
    fetch_layers(pulled, store, options=world.options)
    assert pulled.digest == base.digest
    for layer in pulled.layers:
        with layer.open() as stream:  # verifies
            assert len(stream.read()) == layer.descriptor.size


def test_two_platforms_survive_faults_at_each_manifest(
    world: World, target: Reference, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    layer = build_layer([Entry.file("own", os.urandom(1000))], store.blobs, compressor=None)
    images = [scratch(Platform("linux", machine)).append(layer) for machine in ("amd64", "arm64")]
    for act in (drop_after, answer(500), fault_proxy.challenge):
        world.proxy.fail(PUSH["manifest"], act)
    check_push(world, ImageIndex.of(images), target, caplog, survived=True)
