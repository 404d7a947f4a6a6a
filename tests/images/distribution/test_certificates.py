"""TLS as it is outside of this machine: authorities, clients' certificates, proxies. Names lead here."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kfp.errors import RegistryError, RegistryUnreachable
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.certificates import default_places, directories_of
from kfp.images.distribution.push import push
from kfp.images.distribution.registry import Registry, RegistryOptions
from kfp.images.image import Image
from kfp.images.reference import Reference
from tests.images.distribution.conftest import QUICK
from tests.images.distribution.faulty_registry import FaultyRegistry, drop, serve
from tests.parts.processes import require

NAME = "registry.test"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and what it vouches for: a server called registry.test and a client."""
    folder = tmp_path_factory.mktemp("keys")
    openssl = require("openssl", "openssl")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    new = ("req", "-newkey", "rsa:2048", "-nodes")
    run(*new, "-x509", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=authority")
    for who, name in (("server", NAME), ("client", "ada")):
        (folder / f"{who}.ext").write_text(f"subjectAltName=DNS:{name}\n")
        run(*new, "-keyout", f"{who}.key", "-out", f"{who}.csr", "-subj", f"/CN={name}")
        signing = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{who}.ext")
        run("x509", "-req", "-in", f"{who}.csr", "-out", f"{who}.cert", *signing)
    run("rsa", "-aes256", "-passout", "pass:lace", "-in", "client.key", "-out", "locked.key")
    return folder


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all names of .test lead to this machine."""
    real = socket.getaddrinfo

    def look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        return real("127.0.0.1" if str(host).endswith(".test") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@contextmanager
def serving(keys: Path, *, wants_client: bool = False) -> Iterator[FaultyRegistry]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys / "server.cert", keys / "server.key")
    if wants_client:
        context.load_verify_locations(keys / "ca.crt")
        context.verify_mode = ssl.CERT_REQUIRED
    with serve(FaultyRegistry(), context) as registry:
        registry.host = f"{NAME}:{registry.host.partition(':')[2]}"
        yield registry


@pytest.fixture
def encrypted(keys: Path) -> Iterator[FaultyRegistry]:
    with serving(keys) as registry:
        yield registry


def ping(registry: FaultyRegistry, **changes: Any) -> None:
    client = Registry(registry.host, Keychain(), settings=replace(QUICK, certificates=(), **changes))
    try:
        client.ping()
    finally:
        client.transport.close()


def kept(tmp_path: Path, registry: FaultyRegistry, files: dict[str, Path]) -> tuple[Path, ...]:
    """A place with a directory for the registry."""
    folder = tmp_path / "certs.d" / registry.host
    folder.mkdir(parents=True)
    for name, source in files.items():
        (folder / name).write_bytes(source.read_bytes())
    return (tmp_path / "certs.d",)


def test_an_unknown_authority_is_refused_with_the_ways_out(encrypted: FaultyRegistry) -> None:
    with pytest.raises(RegistryUnreachable, match="its certificate is not trusted") as caught:
        ping(encrypted)
    assert f"SSL_CERT_FILE, or put it into /etc/docker/certs.d/{encrypted.host}" in str(caught.value)
    assert encrypted.asked == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_named_by_the_environment_is_trusted(encrypted: FaultyRegistry, keys: Path, variable: str) -> None:
    ping(encrypted, environ={variable: str(keys / "ca.crt")})


def test_a_push_to_a_registry_with_an_authority_of_its_own(
    encrypted: FaultyRegistry, keys: Path, image: Image, tmp_path: Path
) -> None:
    places = kept(tmp_path, encrypted, {"ca.crt": keys / "ca.crt"})
    options = RegistryOptions(Keychain(), replace(QUICK, certificates=places))
    assert push(image, Reference.parse(f"{encrypted.host}/a:v1"), options=options).uploaded == 4
    assert encrypted.manifests["a"]["v1"][1] == image.manifest.data


def test_an_authority_is_trusted_for_its_registry_alone(encrypted: FaultyRegistry, keys: Path, tmp_path: Path) -> None:
    places = kept(tmp_path, encrypted, {"ca.crt": keys / "ca.crt"})
    (tmp_path / "certs.d" / encrypted.host).rename(tmp_path / "certs.d" / "elsewhere.test")
    with pytest.raises(RegistryUnreachable, match="not trusted"):
        ping(encrypted, **{"environ": {}} | {"read_timeout": 5})
    client = Registry(encrypted.host, Keychain(), settings=replace(QUICK, certificates=places))
    with pytest.raises(RegistryUnreachable, match="not trusted"):
        client.ping()
    client.transport.close()


def test_a_certificate_for_another_name_is_refused(encrypted: FaultyRegistry, keys: Path) -> None:
    encrypted.host = encrypted.host.replace(NAME, "other.test")
    with pytest.raises(RegistryUnreachable, match="its certificate is not trusted"):
        ping(encrypted, environ={"SSL_CERT_FILE": str(keys / "ca.crt")})


def test_a_client_proves_itself(keys: Path, tmp_path: Path) -> None:
    with serving(keys, wants_client=True) as registry:
        with pytest.raises(RegistryUnreachable):
            ping(registry, environ={"SSL_CERT_FILE": str(keys / "ca.crt")})
        files = {"ca.crt": "ca.crt", "client.cert": "client.cert", "client.key": "client.key"}
        places = kept(tmp_path, registry, {name: keys / source for name, source in files.items()})
        client = Registry(registry.host, Keychain(), settings=replace(QUICK, certificates=places))
        client.ping()
        client.transport.close()


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"ca.crt": "client.key"}, r"ca\.crt: not a readable certificate"),
        ({"client.cert": "client.cert"}, r"client\.cert: the certificate has no key\nhint: add .*client\.key"),
        ({"client.key": "client.key"}, r"client\.key: the key has no certificate"),
        ({"client.cert": "client.cert", "client.key": "locked.key"}, r"client\.key: the key has a password"),
        ({"client.cert": "client.cert", "client.key": "server.key"}, r"client\.cert: not a readable certificate with"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    encrypted: FaultyRegistry, keys: Path, tmp_path: Path, files: dict[str, str], complaint: str
) -> None:
    places = kept(tmp_path, encrypted, {name: keys / source for name, source in files.items()})
    client = Registry(encrypted.host, Keychain(), settings=replace(QUICK, certificates=places))
    with pytest.raises(RegistryError, match=complaint):
        client.ping()


def test_places(tmp_path: Path) -> None:
    assert [str(place) for place in default_places({"XDG_CONFIG_HOME": "/c"})] == [
        "/c/containers/certs.d",
        "/c/docker/certs.d",
        "/etc/containers/certs.d",
        "/etc/docker/certs.d",
    ]
    (tmp_path / "r.example:5000").mkdir()
    assert directories_of("r.example:5000", (tmp_path, tmp_path / "absent")) == (tmp_path / "r.example:5000",)
    assert [directories_of(host, (tmp_path,)) for host in ("r.example", "..", "", "../x")] == [()] * 4


@pytest.mark.parametrize("declare", ["option", "environment"])
def test_an_insecure_registry_is_declared_by_its_name(encrypted: FaultyRegistry, image: Image, declare: str) -> None:
    """Neither its certificate nor, below, its plain HTTP is taken without being told."""
    environ = {"KFP_INSECURE_REGISTRIES": f"other, {encrypted.host}"} if declare == "environment" else {}
    hosts = frozenset({encrypted.host}) if declare == "option" else frozenset[str]()
    options = RegistryOptions(Keychain(), replace(QUICK, environ=environ), hosts)
    assert push(image, Reference.parse(f"{encrypted.host}/a:v1"), options=options).pushed


def test_plain_http_elsewhere_needs_to_be_declared(faulty: FaultyRegistry, image: Image) -> None:
    faulty.host = f"{NAME}:{faulty.host.partition(':')[2]}"
    target = Reference.parse(f"{faulty.host}/a:v1")
    with pytest.raises(RegistryUnreachable, match="no TLS connection") as caught:
        push(image, target, options=RegistryOptions(Keychain(), QUICK))
    assert "--insecure-registry" in str(caught.value)
    assert push(image, target, options=RegistryOptions(Keychain(), QUICK, frozenset({faulty.host}))).pushed


def test_a_body_that_breaks_off_within_tls_is_not_sent_into_the_same_session(
    encrypted: FaultyRegistry, keys: Path, image: Image
) -> None:
    encrypted.fail("PUT .*/uploads/", drop, times=3)
    environ = {"SSL_CERT_FILE": str(keys / "ca.crt")}
    options = RegistryOptions(Keychain(), replace(QUICK, environ=environ, certificates=()))
    push(image, Reference.parse(f"{encrypted.host}/a:v1"), options=options)
    puts = encrypted.lines("PUT .*/uploads/")
    assert len(puts) == len(set(puts)) == 7


# Proxies


@dataclass
class Proxy:
    """A proxy that connects whoever knows its password."""

    host: str
    asked: list[str]
    given: list[str]


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy("", [], [])
    expected = "Basic " + base64.b64encode(b"ada:s3cret-lace").decode()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode()
            headers = {}
            while field := self.rfile.readline().decode().strip():
                name, _, value = field.partition(": ")
                headers[name.lower()] = value
            made.asked.append(line.split()[1])
            made.given.append(headers.get("proxy-authorization", ""))
            if made.given[-1] != expected:
                self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", int(line.split()[1].rpartition(":")[2]))) as target:
                self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                there = threading.Thread(target=_pump, args=(self.connection, target), daemon=True)
                there.start()
                _pump(target, self.connection)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        made.host = f"127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield made
        server.shutdown()


def _pump(source: socket.socket, goal: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            goal.sendall(data)
        goal.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_a_push_goes_through_a_proxy_that_wants_a_password(
    encrypted: FaultyRegistry, keys: Path, image: Image, proxy: Proxy
) -> None:
    environ = {"SSL_CERT_FILE": str(keys / "ca.crt"), "HTTPS_PROXY": f"http://ada:s3cret-lace@{proxy.host}"}
    options = RegistryOptions(Keychain(), replace(QUICK, environ=environ, certificates=()))
    assert push(image, Reference.parse(f"{encrypted.host}/a:v1"), options=options).uploaded == 4
    assert set(proxy.asked) == {encrypted.host}
    assert not any("proxy-authorization" in asked.headers for asked in encrypted.asked)
    proxy.asked.clear()
    exempt = replace(options, settings=replace(QUICK, certificates=(), environ={**environ, "NO_PROXY": ".test"}))
    assert not push(image, Reference.parse(f"{encrypted.host}/a:v1"), options=exempt).pushed
    assert proxy.asked == []


@pytest.mark.parametrize("login", ["", "ada:wrong-s3cret@"])
def test_a_proxy_that_refuses_is_named_without_its_password(
    encrypted: FaultyRegistry, keys: Path, proxy: Proxy, login: str
) -> None:
    environ = {"SSL_CERT_FILE": str(keys / "ca.crt"), "HTTPS_PROXY": f"http://{login}{proxy.host}"}
    with pytest.raises(RegistryUnreachable, match=r"the proxy refuses .*407 Proxy Authentication Required") as caught:
        ping(encrypted, environ=environ)
    assert "HTTPS_PROXY" in str(caught.value)
    assert "wrong-s3cret" not in str(caught.value)
    assert encrypted.asked == []
