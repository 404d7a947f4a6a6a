"""What is attached to an image that was put on another base: the same packages, another base, how it came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kfp.build import provenance, sbom
from kfp.build.attesting import CREATED
from kfp.build.materials import image_purl
from kfp.images import canonical
from kfp.images.artifact import Artifact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.images.image import Image
    from kfp.images.reference import Reference

_BUILD_TYPE: Final = f"{provenance.BUILDER}#image-rebase/v1"


def reattest(
    attached: Sequence[Artifact],
    former: tuple[Reference, Image],
    base: tuple[Reference, Image],
    rebased: tuple[Reference, Image],
) -> tuple[Artifact, ...]:
    """Writes the artifacts of a rebased image.

    Args:
        attached: to the image before.
        former: that image, with its name.
        base: the new base, with its name.
        rebased: the outcome, with its name.

    Returns:
        Nothing where nothing was attached before, or what was is none of ours.
    """
    bill = next((each for each in attached if each.artifact_type == sbom.MEDIA_TYPE), None)
    if bill is None:
        return ()
    subject = rebased[1].manifest.descriptor
    said = {CREATED: rebased[1].config.created}
    try:
        data = _on_base(canonical.loads(bill.data(), "bill of materials"), base, rebased)
    except (KeyError, TypeError, IndexError, AttributeError):
        return ()
    return (
        Artifact.of(data, sbom.MEDIA_TYPE, subject, said),
        Artifact.of(
            _statement(former, base, rebased),
            provenance.MEDIA_TYPE,
            subject,
            {**said, provenance.PREDICATE_TYPE: provenance.PREDICATE},
        ),
    )


def _on_base(bill: dict[str, Any], base: tuple[Reference, Image], rebased: tuple[Reference, Image]) -> bytes:
    name, image = rebased
    component, parts = bill["metadata"]["component"], bill["components"]
    old_whole, old_below = component["bom-ref"], bill["compositions"][0]["assemblies"][0]
    whole, below = _purl(rebased), _purl(base)
    component.update({"bom-ref": whole, "name": name.name, "version": image.digest, "purl": whole})
    component["properties"] = [each for each in component.get("properties", []) if each["name"] != sbom.IMAGE_ID] + [
        {"name": sbom.IMAGE_ID, "value": image.id}
    ]
    parts[:] = [sbom.base_component(*base), *(part for part in parts if part["bom-ref"] != old_below)]
    renamed = {old_whole: whole, old_below: below}
    for each in bill["dependencies"]:
        each["ref"] = renamed.get(each["ref"], each["ref"])
        if "dependsOn" in each:
            each["dependsOn"] = [renamed.get(ref, ref) for ref in each["dependsOn"]]
    bill["compositions"] = [{"aggregate": "unknown", "assemblies": [below]}]
    bill["serialNumber"] = sbom.serial_number(image.digest)
    return canonical.dumps(bill)


def _statement(
    former: tuple[Reference, Image], base: tuple[Reference, Image], rebased: tuple[Reference, Image]
) -> bytes:
    name, image = rebased
    parameters = {
        "target": name.familiar,
        "image": former[0].familiar,
        "base": base[0].familiar,
        "platform": str(image.platform),
    }
    sources = [{"uri": _purl(each), "digest": provenance.digest_set(each[1].digest)} for each in (former, base)]
    return provenance.statement(name, image, _BUILD_TYPE, parameters, sources)


def _purl(named: tuple[Reference, Image]) -> str:
    reference, image = named
    return image_purl(reference, image.digest, image.platform)
