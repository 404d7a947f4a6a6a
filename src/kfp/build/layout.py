"""Where things lie in a component's image, and the names by which other rooms find them there."""

from __future__ import annotations

from typing import Final

ROOT: Final = "usr/local/src/kfp"
RUNTIME: Final = f"{ROOT}/runtime"
COMPONENTS: Final = f"{ROOT}/components"

SOURCE_LABEL: Final = "skiff.source"
"""diff_id of the layer with the component directory."""
PACKAGES_LABEL: Final = "skiff.packages"
"""What was installed, `name==version`, one a line."""
LOCAL_PACKAGES_LABEL: Final = "skiff.local-packages"
"""Which of these were named by paths or addresses, so that no index need have them; one a line."""
INDEX_URLS_LABEL: Final = "skiff.index-urls"
"""The components' package indexes, without credentials, one a line."""
LIBC_LABEL: Final = "skiff.libc"
"""Of a base image: its C library, as in `glibc-2.36`."""
SITE_PACKAGES_LABEL: Final = "skiff.site-packages"
"""Of a base image: the absolute path of its packages."""
