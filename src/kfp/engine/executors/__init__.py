"""What runs steps: processes of this machine, containers, or nothing at all (for tests).

An executor takes a `Step` and tells its end (`kfp.engine.step`). `process.py` runs Python components without their
image; `container.py` runs containers with docker or podman, `oci/` with runc. What they share: a step's child process
(`child.py`) in a thread of the step's own (`own_thread.py`), what ends it when the engine is killed (`guard.py`) and
what it leaves behind (`leftovers.py`), what a step may see of the machine (`mounts.py`), and the images (`images.py`).
`kfp.engine.running.choice` says which one runs the steps of a run, and what is wrapped around it.
"""
