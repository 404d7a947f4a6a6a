"""What flows between tasks, and what tasks are told: pure functions over `Values` (`values.py`).

`inputs.py` binds a task's inputs; `selectors.py` takes parts of them, and placeholders refer to them (`references.py`).
`final_status.py` and `task_config.py` are what some tasks are told besides. On its inputs a task's condition is
evaluated (`conditions.py`) and a loop's items are found (`iterations.py`); what leaves a DAG is `dag_outputs.py`.
"""
