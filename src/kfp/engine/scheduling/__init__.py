"""Decides what starts next: pure functions over values, which know nothing of documents, processes or files.

The door is `scheduler.py`: `begin` and `advance`. What they take and give are the values of `schedule.py`: the state of
a run, events, actions. A DAG has the shape of a `Graph` (`graph.py`); what steps take and machines have is a `Request`
(`resources.py`). What this machine has is told by `capacity.py`, the only file here that looks at one.
"""
