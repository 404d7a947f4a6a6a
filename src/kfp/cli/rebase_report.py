"""The work of `kfp image rebase`: swap the base, push, tell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kfp.build.rebase import rebase
from kfp.cli import tables, terminal
from kfp.errors import BuildError
from kfp.units import duration

if TYPE_CHECKING:
    from kfp.images.distribution.push import PushResult
    from kfp.images.reference import Reference
    from kfp.images.store import Store


def run(reference: Reference, base: Reference, target: Reference, store: Store, *, push: bool, as_json: bool) -> None:
    """Put an image on another base, and print what came of it.

    Args:
        reference: the image.
        base: the new base.
        target: what the outcome is called.
        store: where all of them are.
        push: whether the outcome is pushed.
        as_json: whether stdout is for a machine.

    Raises:
        SkiffError: see `kfp.build.rebase`; or the registry fails.
    """
    started = time.monotonic()
    if push and target.registry == "localhost":
        raise BuildError(
            f"{target.familiar} cannot be pushed: localhost without a port means the local image store",
            hint="leave out --push-image, or name the outcome with --tag localhost:5000/project/name:tag",
        )
    rebased = rebase(reference, base, store=store, name=target)
    pushed = _push(target, store) if push else None
    if as_json:
        terminal.data_json(
            {
                "name": target.familiar,
                "base": base.familiar,
                "former_base": rebased.former_base or None,
                "digest": rebased.digest,
                "changed": rebased.changed,
                "platforms": [
                    {
                        "platform": str(each.platform),
                        "id": each.id,
                        "digest": each.digest,
                        "base_digest": each.base,
                        "former_base_digest": each.former_base or None,
                    }
                    for each in rebased.platforms
                ],
                "pushed": pushed is not None and pushed.pushed,
                "sent_bytes": pushed.uploaded_bytes if pushed is not None else 0,
            }
        )
        return
    rows = [("former base", rebased.former_base or "unknown"), ("base", base.familiar)]
    for each in rebased.platforms:
        rows += [("", each.base), ("platform", str(each.platform)), ("image ID", each.id)]
    rows += [("digest", rebased.digest)]
    tables.show_fields(target.familiar, rows)
    done = "rebased" if rebased.changed else "nothing to change"
    terminal.log(f"{done}{' and pushed' if push else ''} in {duration(time.monotonic() - started)}")


def _push(target: Reference, store: Store) -> PushResult:
    from kfp.cli import transfer  # noqa: PLC0415 (start-up: only a push needs it)
    from kfp.images.distribution.push import push  # noqa: PLC0415 (as above)

    whole = store.get_whole(target)
    if whole is None:
        raise BuildError(f"{target.familiar} was removed from the local store while it was made")
    with transfer.shown(f"pushing {target.familiar}", "sent") as view:
        result = push(whole, target, progress=view, artifacts=store.attachments.about(whole))
    if result.refused:
        terminal.warn(f"{target.familiar} was pushed without bill of materials and provenance: {result.refused}")
    return result
