"""How this machine reaches others: loopback, proxies and trusted certificates, by the usual environment variables.

`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case, as curl and Go read them; `SSL_CERT_FILE` and
`SSL_CERT_DIR` as OpenSSL does; `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` as pip does. `KFP_INSECURE_REGISTRIES` lists
the hosts that may be spoken to without TLS, separated by commas.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import urllib3

from kfp.errors import RegistryError
from kfp.images.distribution.certificates import load_certificates
from kfp.images.distribution.connections import pool_classes

_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, BSD
)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself: `localhost`, 127.0.0.0/8 or ::1, with or without a port."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy that a request goes through, or None for a direct connection.

    Args:
        url: where the request goes. This machine itself is never reached through a proxy.
        environ: the environment variables. `HTTP_PROXY` in upper case is ignored under CGI, where a client sets it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(parts.netloc.rpartition("@")[2]) or _is_exempt(host, parts.port, _variable(environ, "no_proxy")):
        return None
    proxy = _variable(environ, f"{parts.scheme}_proxy") or _variable(environ, "all_proxy")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _variable(environ: Mapping[str, str], name: str) -> str:
    if name in environ:
        return environ[name].strip()
    if name == "http_proxy" and "REQUEST_METHOD" in environ:
        return ""
    return environ.get(name.upper(), "").strip()


def _is_exempt(host: str, port: int | None, no_proxy: str) -> bool:
    for entry in no_proxy.replace(" ", ",").lower().split(","):
        if entry == "*":
            return True
        if entry and (_in_network(host, entry) or _in_domain(host, port, entry)):
            return True
    return False


def _in_network(host: str, entry: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def _in_domain(host: str, port: int | None, entry: str) -> bool:
    name, colon, wanted_port = entry.rpartition(":")
    if colon and wanted_port.isdigit() and name.count(":") == 0:
        if str(port) != wanted_port:
            return False
    else:
        name = entry
    domain = name.strip("[]").removeprefix("*").lstrip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def insecure_hosts(environ: Mapping[str, str]) -> frozenset[str]:
    """Return the registries that the environment allows to be spoken to without TLS."""
    return frozenset(name.strip() for name in environ.get("KFP_INSECURE_REGISTRIES", "").split(",") if name.strip())


def tls_context(
    environ: Mapping[str, str], *, verify: bool = True, directories: tuple[Path, ...] = ()
) -> ssl.SSLContext:
    """Return the TLS settings for a registry.

    Args:
        environ: the environment variables that may name more certificates to trust.
        verify: False takes any certificate: only for registries that the user declared insecure.
        directories: hold certificates for this registry alone; see `certificates`.

    Raises:
        RegistryError: a variable names a file that holds no certificates, or one in a directory cannot be used.
    """
    context = ssl.create_default_context()
    load_certificates(context, directories)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is None:  # a Python that was built on another system than it runs on
        for bundle in filter(os.path.isfile, _SYSTEM_BUNDLES):
            context.load_verify_locations(cafile=bundle)
    for variable in _CA_VARIABLES:
        place = environ.get(variable)
        if place:
            directory = Path(place).is_dir()
            try:
                context.load_verify_locations(cafile=None if directory else place, capath=place if directory else None)
            except (OSError, ssl.SSLError) as error:
                raise RegistryError(
                    f"{variable} names {place}, which holds no readable certificates: {error}",
                    hint=f"correct or unset {variable}",
                ) from error
    return context


def pool_manager(
    proxy: str | None, context: ssl.SSLContext | None, *, connections: int, chunk_size: int, patience: float = 60.0
) -> urllib3.PoolManager:
    """Return a pool of connections, direct or through a proxy.

    Args:
        proxy: the proxy's URL with optional user and password, or None.
        context: TLS settings; None where only plain HTTP is spoken.
        connections: how many may be open to one host.
        chunk_size: bytes that a body is sent by.
        patience: seconds that the other side has to take in such a chunk.

    Raises:
        RegistryError: the proxy is of a kind that is not supported.
    """
    if proxy is None:
        direct = urllib3.PoolManager(maxsize=connections, blocksize=chunk_size, ssl_context=context)
        direct.pool_classes_by_scheme = pool_classes(patience)
        return direct
    parts = urlsplit(proxy)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RegistryError(
            f"the proxy {parts.scheme}://{parts.hostname or ''} cannot be used",
            hint="only http:// and https:// proxies are",
        )
    headers = None
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers = urllib3.make_headers(proxy_basic_auth=login)
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))
    through = urllib3.ProxyManager(
        bare,
        maxsize=connections,
        blocksize=chunk_size,
        ssl_context=context,
        proxy_headers=headers,
        proxy_ssl_context=context,
    )
    through.pool_classes_by_scheme = pool_classes(patience)
    return through
