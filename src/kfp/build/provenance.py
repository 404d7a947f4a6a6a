"""How an image came to be, as an in-toto statement with SLSA's provenance (slsa.dev/spec/v1.0/provenance).

Nobody signs it here, so it is a claim of the registry's contents; whoever signs images can sign it as it is. It holds
no time and nothing of the machine, so the same inputs give the same statement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kfp.build.materials import DISTRIBUTION, file_digest, file_url, image_purl, python_purl, version_of
from kfp.build.revision import public_url
from kfp.images import canonical
from kfp.images import digest as digests
from kfp.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kfp.build.materials import Materials
    from kfp.images.canonical import JsonObject
    from kfp.images.image import Image
    from kfp.images.reference import Reference

MEDIA_TYPE: Final = "application/vnd.in-toto+json"
PREDICATE: Final = "https://slsa.dev/provenance/v1"
PREDICATE_TYPE: Final = "in-toto.io/predicate-type"
"""The annotation by which lists of attestations tell statements apart."""

_COMMIT: Final = re.compile("@([0-9a-f]{40})$")
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
BUILDER: Final = f"pkg:pypi/{DISTRIBUTION}"
_BUILD_TYPE: Final = f"{BUILDER}#component-build/v1"


def provenance(materials: Materials) -> bytes:
    """Writes the statement about an image: who built it, from what, with which parameters. No secret is in it."""
    plan, image = materials.plan, materials.image
    parameters: JsonObject = {
        "target": plan.target.familiar,
        "base": plan.base.familiar,
        "platform": str(image.platform),
        "components": {planned.function_name: planned.path for planned in plan.components},
        "requirements": [_public(line) for line in plan.requirements],
    }
    if plan.indexes.urls:
        parameters["indexUrls"] = [url for each in plan.indexes.urls if (url := public_url(each))]
    return statement(plan.target, image, _BUILD_TYPE, parameters, list(_dependencies(materials)))


def statement(
    name: Reference, image: Image, build_type: str, parameters: JsonObject, dependencies: Sequence[JsonObject]
) -> bytes:
    """Writes a statement about an image.

    Args:
        name: of the image.
        image: whose digest the statement is about.
        build_type: a URI that says what the parameters mean.
        parameters: what the user chose.
        dependencies: what went in, as SLSA's resource descriptors.
    """
    predicate = {
        "buildDefinition": {
            "buildType": build_type,
            "externalParameters": parameters,
            "resolvedDependencies": dependencies,
        },
        "runDetails": {"builder": {"id": BUILDER, "version": {DISTRIBUTION: __version__}}},
    }
    subject = {"name": name.name, "digest": digest_set(image.digest)}
    return canonical.dumps(
        {"_type": _STATEMENT, "subject": [subject], "predicateType": PREDICATE, "predicate": predicate}
    )


def _dependencies(materials: Materials) -> Iterator[JsonObject]:
    base, plan, revision = materials.base, materials.plan, materials.revision
    yield {"uri": image_purl(plan.base, base.digest, base.platform), "digest": digest_set(base.digest)}
    if revision is not None:
        source: dict[str, Any] = {"digest": {"gitCommit": revision.commit}}
        if revision.source:
            source["uri"] = f"git+{revision.source.removeprefix('git+')}"
        if revision.modified:
            source["annotations"] = {"modified": True}
        yield {"name": "source", **source}
    for package in materials.packages:
        digest, url = file_digest(package), file_url(package)
        commit = _COMMIT.search(package.url) if package.url.startswith("git+") else None
        known = {"sha256": digest} if digest else {"gitCommit": commit[1]} if commit else {}
        yield {
            "uri": python_purl(package.name, version_of(package, materials)),
            **({"digest": known} if known else {}),
            **({"downloadLocation": url} if url else {}),
        }


def digest_set(digest: str) -> dict[str, str]:
    """Gives a digest as in-toto writes it."""
    algorithm, digits = digests.split(digest)
    return {algorithm: digits}


def _public(requirement: str) -> str:
    """Gives a requirement without what only its author may know: credentials in URLs, paths of the machine."""
    if "://" not in requirement:
        return requirement
    name, _, url = requirement.partition(";")[0].partition("@")
    if "://" in name:  # the URL alone
        return public_url(requirement)
    return f"{name.strip()} @ {public_url(url.strip())}".removesuffix(" @ ")
