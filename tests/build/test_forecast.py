from __future__ import annotations

from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions
from kfp.build.forecast import ForecastImage, forecast
from kfp.errors import BuildError, ImageNotFound, SkiffError
from kfp.images.distribution.push import push
from kfp.images.image_index import ImageIndex
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, TARGET, Write, component, python_base
from tests.parts.registry import RunningRegistry
from tests.requirements.wheels import write_wheel

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")
OFFLINE = BuildOptions(push=False)


def everything(folder: Path, *, but: str = "") -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path): path.read_bytes() for path in files if not but or but not in path.parts}


def planned(folder: Path, store: Store, options: BuildOptions = OFFLINE) -> list[ForecastImage]:
    return forecast(build.plan(folder), store=store, options=options)


def layers(image: ForecastImage) -> dict[str, tuple[bool, list[str]]]:
    return {each.kind: (each.cached, [str(d) for d in each.differences]) for each in image.platforms[0].layers}


def test_a_plan_tells_what_the_build_then_does(source: Write, store: Store, wheels: Path, kfp_home: Path) -> None:
    write_wheel(wheels)
    folder = source({"a.py": component(packages=("tiny",)), "b.txt": "1"})
    before = everything(kfp_home.parent, but="cache")
    (image,) = planned(folder, store)
    assert everything(kfp_home.parent, but="cache") == {**before, **everything(kfp_home.parent / "uv-cache")}
    assert layers(image) == {"packages": (False, []), "runtime": (False, []), "source": (False, [])}
    (built,) = build.build(build.plan(folder), store=store, options=OFFLINE)
    assert image.platforms[0].packages == built.platforms[0].packages == ("tiny==1.0",)
    assert image.platforms[0].base_digest == built.platforms[0].base_digest

    (image,) = planned(folder, store)
    assert layers(image) == {"packages": (True, []), "runtime": (True, []), "source": (True, [])}
    assert all(each.size for each in image.platforms[0].layers)

    source({"b.txt": "2"})
    (image,) = planned(folder, store)
    assert layers(image)["source"] == (False, ["b.txt changed"])


def test_platforms_and_images_on_each_other(source: Write, store: Store) -> None:
    store.put(ImageIndex.of([python_base(), python_base(platform=ARM)]), Reference.parse(BASE))
    folder = source({"a.py": component("low"), "b.py": component("high", base=TARGET, target="localhost/high:1")})
    high, low = planned(folder, store, BuildOptions((ARM, AMD), push=False))
    assert [each.platform for each in low.platforms] == [each.platform for each in high.platforms] == [ARM, AMD]
    assert [each.base_digest for each in high.platforms] == [None, None]
    assert len({each.base_digest for each in low.platforms} - {None}) == 2


def test_a_base_in_a_registry_is_looked_at_and_not_kept(
    source: Write, store: Store, registry: RunningRegistry, tmp_path: Path
) -> None:
    name = Reference.parse(f"{registry.host}/forecast/base:1")
    image = python_base()
    elsewhere = Store(tmp_path / "elsewhere")
    elsewhere.put(image, name)
    push(image, name)
    folder = source({"a.py": component(base=str(name))})
    before = everything(store.root)
    (made,) = planned(folder, store)
    assert made.platforms[0].base_digest == image.digest
    assert everything(store.root) == before


@pytest.mark.parametrize(
    ("text", "options", "error", "says"),
    [
        (component(base="localhost/absent:1"), OFFLINE, ImageNotFound, "localhost/absent:1"),
        (component(), BuildOptions((ARM,), push=False), ImageNotFound, "only for linux/amd64"),
        (component(target="localhost/no/port:1"), BuildOptions(), BuildError, "--no-push-image"),
    ],
)
def test_what_the_build_would_refuse_is_refused(
    source: Write, store: Store, text: str, options: BuildOptions, error: type[SkiffError], says: str
) -> None:
    with pytest.raises(error) as raised:
        planned(source({"a.py": text}), store, options)
    assert says in str(raised.value)


def test_a_users_own_dockerfile(source: Write, store: Store) -> None:
    folder = source({"a.py": component(), "Dockerfile": "FROM x\n"})
    (image,) = planned(folder, store)
    assert (image.dockerfile, image.platforms) == (folder / "Dockerfile", ())
