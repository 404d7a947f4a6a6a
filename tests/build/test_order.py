from __future__ import annotations

from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions, plan
from kfp.build.order import in_stages
from kfp.errors import BuildError, ImageNotFound, SkiffError
from kfp.images.image_index import ImageIndex
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, TARGET, Write, component, python_base, texts_of

LOWER, UPPER = "localhost/lower:1", "localhost/upper:1"
AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")


def test_an_image_comes_after_its_base(source: Write, store: Store) -> None:
    folder = source(
        {
            "a.py": component("top", base=UPPER, target="localhost/a-top:1"),
            "b.py": component("upper", base=LOWER, target=UPPER),
            "c.py": component("lower", target=LOWER) + component("beside", target="localhost/z-beside:1"),
        }
    )
    made = plan(folder)
    stages = [[image.components[0].function_name for image in stage] for stage in in_stages(made.images)]
    assert stages == [["lower", "beside"], ["upper"], ["top"]]
    built = build.build(made, store=store, options=BuildOptions(push=False))
    assert [each.reference for each in built] == [image.target for image in made.images]
    lower = store.get(Reference.parse(LOWER))
    upper = store.get(Reference.parse(UPPER))
    assert lower is not None
    assert upper is not None
    assert upper.config.diff_ids[: len(lower.layers)] == lower.config.diff_ids
    assert texts_of(upper.layers[-1])["usr/local/src/kfp/components/kfp_config.ini"].startswith("[Components]\nupper")


@pytest.mark.parametrize(
    ("bases", "says"),
    [
        ({LOWER: LOWER}, ["itself", LOWER, "f0"]),
        ({LOWER: UPPER, UPPER: LOWER}, ["circle", LOWER, UPPER, "f0", "f1"]),
        ({"localhost/z:1": LOWER, LOWER: UPPER, UPPER: LOWER}, ["circle", LOWER, UPPER]),
    ],
)
def test_circles(source: Write, bases: dict[str, str], says: list[str]) -> None:
    names = enumerate(bases.items())
    folder = source({f"{n}.py": component(f"f{n}", base=base, target=target) for n, (target, base) in names})
    with pytest.raises(BuildError) as raised:
        plan(folder)
    for words in says:
        assert words in str(raised.value)
    assert "localhost/z:1" not in str(raised.value)


@pytest.mark.parametrize(
    ("select", "targets"),
    [
        (["two"], ["localhost/a/two:1"]),
        (["t*"], ["localhost/a/two:1", "localhost/b:2"]),
        (["localhost/b:2"], ["localhost/b:2"]),
        (["localhost/*"], ["localhost/a/two:1", "localhost/b:2"]),
        (["b", "two"], ["localhost/a/two:1", "localhost/b:2"]),
        (["three"], ["localhost/b:2"]),
    ],
)
def test_select(source: Write, select: list[str], targets: list[str]) -> None:
    files = {
        "a.py": component("one") + component("two", target="localhost/a/two:1"),
        "b.py": component("three", target="localhost/b:2") + component("four", target="localhost/b:2"),
    }
    made = plan(source(files), select=select)
    assert [str(image.target) for image in made.images] == targets


def test_a_selection_of_nothing_says_what_there_is(source: Write) -> None:
    with pytest.raises(BuildError, match="'ad'") as raised:
        plan(source({"a.py": component()}), select=["add", "ad"])
    assert f"add for {TARGET}" in str(raised.value.hint)


def test_errors_of_several_images_are_told_together(source: Write, store: Store) -> None:
    folder = source(
        {
            "a.py": component("one", base="localhost/absent:1"),
            "b.py": component("two", base="localhost/none:2", target="localhost/t:1"),
            "c.py": component("three", base="localhost/none:2", target="localhost/t:2"),
            "d.py": component("four", target="localhost/t:3"),
        }
    )
    with pytest.raises(SkiffError) as raised:
        build.build(plan(folder), store=store, options=BuildOptions(push=False))
    assert raised.value.message.startswith("2 things keep the images from being built:\n  1. ")
    assert raised.value.message.count("localhost/none:2") >= 1
    assert raised.value.message.count("\n     hint: ") == 2
    assert [str(each.reference) for each in store.list()] == [BASE]


def test_a_base_says_which_platforms_it_has(source: Write, store: Store) -> None:
    store.put(ImageIndex.of([python_base(), python_base(platform=ARM)]), Reference.parse(BASE))
    wanted = (AMD, Platform("linux", "s390x"), Platform("linux", "arm", "v7"))
    with pytest.raises(ImageNotFound) as raised:
        build.build(plan(source({"a.py": component()})), store=store, options=BuildOptions(wanted, push=False))
    assert "is not for linux/s390x and linux/arm/v7, only for linux/amd64, linux/arm64" in raised.value.message


def test_all_platforms_of_the_base(source: Write, store: Store) -> None:
    arm7 = Platform("linux", "arm", "v7")
    store.put(ImageIndex.of([python_base(platform=each) for each in (ARM, arm7, AMD)]), Reference.parse(BASE))
    (made,) = build.build(plan(source({"a.py": component()})), store=store, options=BuildOptions("all", push=False))
    assert [each.platform for each in made.platforms] == [ARM, arm7, AMD]


def test_variants(source: Write, store: Store) -> None:
    """arm64 and arm64/v8 are one platform; an index keeps the variant of arm."""
    arm7 = Platform("linux", "arm", "v7")
    store.put(ImageIndex.of([python_base(platform=each) for each in (ARM, arm7)]), Reference.parse(BASE))
    options = BuildOptions((Platform("linux", "arm64", "v8"), arm7), push=False)
    (made,) = build.build(plan(source({"a.py": component()})), store=store, options=options)
    assert [str(each.platform) for each in made.platforms] == ["linux/arm64", "linux/arm/v7"]


def test_an_index_says_what_its_images_say(source: Write, store: Store) -> None:
    base = ImageIndex.of([python_base(), python_base(platform=ARM)])
    store.put(base, Reference.parse(BASE))
    build.build(plan(source({"a.py": component()})), store=store, options=BuildOptions((AMD, ARM), push=False))
    whole = store.get_whole(Reference.parse(TARGET))
    assert isinstance(whole, ImageIndex)
    assert whole.index.annotations["org.opencontainers.image.base.name"] == BASE
    assert whole.index.annotations["org.opencontainers.image.base.digest"] == base.digest
    assert whole.index.annotations["org.opencontainers.image.created"] == "1970-01-01T00:00:00Z"


def test_the_order_of_a_directory_does_not_matter(source: Write, store: Store, tmp_path: Path) -> None:
    folder = source({"a.py": component("one"), "b.py": component("two", target=UPPER)})
    first = build.build(plan(folder), store=store, options=BuildOptions(push=False))
    again = Store(tmp_path / "again")
    again.put(python_base(), Reference.parse(BASE))
    second = build.build(plan(folder), store=again, options=BuildOptions(push=False))
    assert [each.digest for each in first] == [each.digest for each in second]
