"""Where Skiff keeps what outlives a command: images, runs and caches."""

from __future__ import annotations

import os
from pathlib import Path


def kfp_home() -> Path:
    """Return the directory that holds the image store, the runs and the caches.

    Returns:
        `$KFP_HOME` where it is set, else the platform's user data directory for `kfp`. It may not exist yet.
    """
    configured = os.environ.get("KFP_HOME")
    if configured:
        return Path(configured).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 - loaded where it is used, for start-up time

    return Path(platformdirs.user_data_dir("kfp", appauthor=False))
