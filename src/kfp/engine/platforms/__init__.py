"""Settings of platforms that mean something on one machine: variables, files, volumes, limits of time.

What a pipeline says for Kubernetes (`KubernetesExecutorConfig` of KFP) is read with the plan (`reading.py`), gets its
values with the task's inputs (`binding.py`), and comes true when a step starts (`executor.py`).
"""
