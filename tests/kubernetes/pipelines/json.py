"""Placement from dictionaries, known when the pipeline is built or when it runs."""
# ruff: noqa: ANN201, B006 -- written as users of KFP write

from kfp import dsl, kubernetes

REQUIRED = {
    "requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}]
    }
}
PREFERRED = {
    "preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 5, "preference": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}
    ]
}


@dsl.component(base_image="python:3.11")
def work(text: str = "a") -> str:
    return text


@dsl.component(base_image="python:3.11")
def table() -> dict:
    return {}


@dsl.component(base_image="python:3.11")
def rows() -> list:
    return []


@dsl.pipeline
def pipeline(labels: dict, taints: list, taint: dict = {"key": "a"}):
    kubernetes.add_node_affinity_json(work(), REQUIRED)
    kubernetes.add_node_affinity_json(work(), node_affinity_json=labels)
    replaced = work()
    kubernetes.add_node_affinity_json(replaced, REQUIRED)
    kubernetes.add_node_affinity(replaced, [{"key": "gpu", "operator": "Exists"}])
    kubernetes.add_node_affinity_json(replaced, PREFERRED)
    kubernetes.add_node_affinity_json(work(), table().output)

    kubernetes.add_node_selector_json(work(), {"a": "b"})
    kubernetes.add_node_selector_json(work(), node_selector_json=labels)
    chosen = work()
    kubernetes.add_node_selector(chosen, "c", "d")
    kubernetes.add_node_selector_json(chosen, {"e": "f"})
    kubernetes.add_node_selector_json(chosen, table().output)

    kubernetes.add_toleration_json(work(), {"key": "a", "operator": "Exists", "effect": "NoExecute", "value": None})
    several = work()
    kubernetes.add_toleration_json(several, toleration_json=[{"key": "a", "operator": "Equal", "value": "b"}, {}])
    kubernetes.add_toleration_json(several, taints)
    kubernetes.add_toleration_json(several, taint)
    kubernetes.add_toleration_json(several, rows().output)
