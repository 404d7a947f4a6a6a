"""Volumes that live as long as the run: made, used by tasks that share it, deleted."""
# ruff: noqa: ANN201, B006 -- written as users of KFP write

from kfp import dsl, kubernetes


@dsl.component(base_image="python:3.11")
def work(text: str = "a") -> str:
    return text


@dsl.pipeline
def pipeline(size: str = "5Gi", modes: list = ["ReadWriteOnce"]):
    shared = kubernetes.CreatePVC(
        pvc_name_suffix="-shared", access_modes=["ReadWriteMany"], size="5Gi", storage_class_name="standard"
    )
    kubernetes.CreatePVC(
        pvc_name="fixed",
        access_modes=modes,
        size=size,
        volume_name="volume",
        annotations={"a": "b"},
        data_source={"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "before"},
    )
    kubernetes.set_timeout(shared, 60)
    write = kubernetes.mount_pvc(work(), shared.outputs["name"], "/data")
    read = kubernetes.mount_pvc(work(), pvc_name=shared.outputs["name"], mount_path="/data").after(write)
    kubernetes.DeletePVC(pvc_name=shared.outputs["name"]).after(read)
    kubernetes.DeletePVC(pvc_name="fixed")
