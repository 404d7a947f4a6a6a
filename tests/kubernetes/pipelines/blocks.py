"""Settings of tasks in conditions, loops and exit handlers, with values from in there and from outside."""
# ruff: noqa: ANN201, B006, UP006, UP035 -- written as users of KFP write

from typing import List

from kfp import dsl, kubernetes


@dsl.component(base_image="python:3.11")
def work(text: str = "a") -> str:
    return text


@dsl.component(base_image="python:3.11")
def rows() -> list:
    return []


@dsl.pipeline
def pipeline(name: str = "n", claims: List[str] = ["a"]):
    first = work()
    with dsl.If(first.output == "a"):
        second = work()
        kubernetes.use_secret_as_env(second, name, {"a": "A"})
        kubernetes.use_secret_as_volume(second, first.output, "/p")
        with dsl.If(name == "b"):
            third = work()
            kubernetes.mount_pvc(third, first.output, "/p")
            kubernetes.add_toleration_json(third, rows().output)
            kubernetes.set_image_pull_secrets(third, [second.output])
    with dsl.Else():
        kubernetes.use_config_map_as_volume(work(), name, "/q")
    with dsl.ParallelFor(claims) as claim:
        fourth = work()
        kubernetes.mount_pvc(fourth, claim, "/a")
        kubernetes.use_secret_as_env(fourth, name, {"a": "A"})
        with dsl.ParallelFor(["x", "y"]) as map_name:
            fifth = work()
            kubernetes.use_config_map_as_env(fifth, map_name, {"a": "A"})
            kubernetes.mount_pvc(fifth, claim, "/b")
            kubernetes.mount_pvc(fifth, first.output, "/c")
            kubernetes.use_secret_as_volume(fifth, fourth.output, "/d")
    last = kubernetes.set_timeout(kubernetes.mount_pvc(work(), name, "/last"), 5)
    with dsl.ExitHandler(last):
        kubernetes.mount_pvc(work(), name, "/inside")
