"""Settings inside pipelines in pipelines; equal settings, and different ones of equal components."""
# ruff: noqa: ANN201, S107 -- written as users of KFP write

from kfp import dsl, kubernetes


@dsl.component(base_image="python:3.11")
def work(text: str = "a") -> str:
    return text


@dsl.component(base_image="python:3.11")
def deep(text: str = "a") -> str:
    return text


@dsl.component(base_image="python:3.11")
def middle(text: str = "a") -> str:
    return text


@dsl.container_component
def say(text: str):
    return dsl.ContainerSpec(image="alpine", command=["echo"], args=[text])


@dsl.pipeline
def innermost(secret: str):
    kubernetes.use_secret_as_env(deep(), secret, {"a": "A"})
    kubernetes.add_pod_label(say(text=secret), "deep", "yes")


@dsl.pipeline
def inner(secret: str = "s", text: str = "t"):
    first = middle(text=text)
    kubernetes.use_secret_as_env(first, secret, {"a": "A"})
    innermost(secret=first.output)
    kubernetes.set_timeout(middle(), 7)


@dsl.pipeline
def pipeline(secret: str = "s"):
    first = work()
    kubernetes.set_timeout(first, 7)
    inner(secret=first.output, text=secret)
    kubernetes.set_timeout(work(), 7)
    kubernetes.set_timeout(work(), 8)
    inner()
    work()
    say(text="a").set_env_variable("a", "b")
