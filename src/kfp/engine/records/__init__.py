"""What is on record of runs: `RunRecord` and `TaskRecord` (`record.py`), in one SQLite file (`store.py`).

`recorder.py` takes records from a run that goes on; `query.py` says which runs a list has. `schema.py` has the tables,
`rows.py` turns records into their rows; `liveness.py` tells whether a run that is on record as running still lives.
"""
