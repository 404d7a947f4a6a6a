"""What went wrong on the way to a registry, in words for the person who waits."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from kfp.errors import RegistryUnreachable


def is_connect_failure(error: Exception) -> bool:
    """Tell whether the connection itself failed, so that nothing of the request was sent."""
    return isinstance(error, (NewConnectionError, ConnectTimeoutError, SSLError, ProxyError))


def describe_outage(registry: str, url: str, error: Exception, *, read_timeout: float) -> RegistryUnreachable:
    """Return the error for a request that got no, or no complete, answer.

    Args:
        registry: host and port as in image names.
        url: where the request went; only its host is named, its query may hold secrets.
        error: what urllib3, or the socket, raised.
        read_timeout: the seconds that were waited for bytes.
    """
    host = urlsplit(url).netloc.rpartition("@")[2]
    aside = "" if _same_host(host, registry) else f", which the registry {registry} refers to"
    reason, hint = _reason(error, host, read_timeout)
    verb = "cannot reach" if is_connect_failure(error) else "lost the connection to"
    subject = f"the registry {host}" if not aside else host
    return RegistryUnreachable(f"{verb} {subject}{aside}: {reason}", hint=hint)


def _same_host(host: str, registry: str) -> bool:
    return host == registry or (registry == "docker.io" and host == "registry-1.docker.io")


def _reason(error: Exception, host: str, read_timeout: float) -> tuple[str, str]:
    check = "check that it runs, that its name and port are right, and the proxy settings"
    if isinstance(error, NameResolutionError):
        return "its name cannot be resolved", "check the spelling of the host name and the network connection"
    if isinstance(error, NewConnectionError):  # before its base class, which is the timeout
        return _innermost(error), check
    if isinstance(error, ConnectTimeoutError):
        return "it does not answer", check
    if isinstance(error, (ReadTimeoutError, TimeoutError)) or (
        isinstance(error, ProtocolError) and _find(error, TimeoutError) is not None  # while a body was sent
    ):
        return f"no answer within {read_timeout:g} s", "try again; it may be overloaded"
    if isinstance(error, ProxyError):
        return f"the proxy refuses or does not answer ({_innermost(error)})", "check HTTPS_PROXY and NO_PROXY"
    if isinstance(error, SSLError):
        cause = _find(error, ssl.SSLCertVerificationError)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted ({cause.verify_message})",
                f"name its certificate authority in SSL_CERT_FILE, or put it into /etc/docker/certs.d/{host}",
            )
        return f"no TLS connection ({_innermost(error)})", (
            f"check that it speaks HTTPS; if it never does, allow that with --insecure-registry {host}"
            " or KFP_INSECURE_REGISTRIES"
        )
    return _innermost(error), "try again"


def _find(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        if isinstance(current, kind):
            return current
        seen.add(id(current))
        waiting += [current.__cause__, current.__context__, *current.args]
    return None


def _innermost(error: Exception) -> str:
    found = _find(error, OSError)
    if isinstance(found, (socket.gaierror, OSError)) and found.strerror:
        return found.strerror[:1].lower() + found.strerror[1:]
    if isinstance(found, OSError) and str(found):
        return str(found)[:200]
    text = str(error.args[0]) if error.args and isinstance(error.args[0], str) else type(error).__name__
    return text[:200].rstrip(".").strip() or type(error).__name__
