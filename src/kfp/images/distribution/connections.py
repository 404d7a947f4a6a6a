"""Connections whose other side may take its time while a body is sent.

urllib3 knows a time limit for connecting and one for reading, and sends a body within the one for connecting: a blob on
a slow line, shared by several uploads, needs more.
"""

from __future__ import annotations

from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


def pool_classes(patience: float) -> dict[str, Any]:
    """Return the pools of a `PoolManager`, by scheme.

    Args:
        patience: seconds that the other side has to take in each chunk of a body.
    """

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            self.sock.settimeout(patience)

    class Encrypted(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            self.sock.settimeout(patience)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
