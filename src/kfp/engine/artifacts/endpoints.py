"""What an object store's client is told of where it connects to, from the environment, and whether it is installed.

Each client reads the environment variables of its own cloud: AWS_ACCESS_KEY_ID and the others of boto3 for `s3:`,
GOOGLE_APPLICATION_CREDENTIALS for `gs:`, AZURE_STORAGE_CONNECTION_STRING and the others of adlfs for `az:`; what
fsspec is configured to (FSSPEC_S3_ANON=true) holds too. MinIO has a server of one's own, so `minio:` wants to be told
which: MINIO_ENDPOINT, AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, with MINIO_ACCESS_KEY and MINIO_SECRET_KEY,
or the variables of AWS.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kfp.engine.addresses import STORES, redacted, scheme
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_KEYS = (("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"), ("MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"))
_PLAIN = frozenset({"0", "false", "no", "off"})


def client_options(name: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what the client of a scheme is made with, besides what it finds itself.

    Args:
        name: the scheme.
        environment: the environment variables.

    Raises:
        RunError: nothing says which MinIO is meant.
    """
    if name not in ("s3", "minio"):
        return {}
    wanted = (("MINIO_ENDPOINT", "MINIO_ENDPOINT_URL") if name == "minio" else ()) + _ENDPOINTS
    endpoint = next((environment[each] for each in wanted if environment.get(each)), "")
    options: dict[str, Any] = {}
    if endpoint:
        plain = environment.get("MINIO_SECURE", "true").lower() in _PLAIN
        options["endpoint_url"] = endpoint if "://" in endpoint else f"{'http' if plain else 'https'}://{endpoint}"
    if name == "minio":
        if not endpoint:
            raise RunError(
                "nothing says which MinIO a minio:// URI means", hint="set MINIO_ENDPOINT=https://minio.example.com"
            )
        keys = next((pair for pair in _KEYS if all(environment.get(each) for each in pair)), None)
        if keys is not None:
            options["key"], options["secret"] = environment[keys[0]], environment[keys[1]]
    return options


def require(uris: Iterable[str], environment: Mapping[str, str]) -> None:
    """Refuse URIs of object stores that nothing installed here can reach.

    Raises:
        RunError: an extra is missing, or nothing says which MinIO is meant.
    """
    for uri in uris:
        name = scheme(uri)
        found = STORES.get(name)
        if found is None:
            continue
        if not (find_spec("fsspec") and find_spec(found.module)):
            raise RunError(
                f"nothing installed here can reach {redacted(uri)}", hint=f"pip install 'kfp-skiff[{found.extra}]'"
            )
        client_options(name, environment)
