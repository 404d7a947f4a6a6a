"""`kfp run`: pipelines run on this machine, and their runs looked at and looked after.

Each command lives in a file of its own or with its like: `create.py`, `control.py` (retry, terminate, archive, delete),
`show.py` (list, get), `logs.py`, `report.py`, `artifacts.py`; `group.py` says which there are. What they share:

- which run is meant: `choice.py`; how one is done: `options.py`; who looks on: `watching.py`; what is said after it:
  `outcome.py`;
- a run while it goes on, as lines (`stream.py`), as JSON for programs (`event_file.py`), or as a tree that moves:
  events make a `tree.py`, which becomes `rows.py`, then `lines.py`, which `live.py` draws in a `live_region.py`;
- a run of another process: its records (`follow.py`) become the same events (`changes.py`, `outline.py`).
"""
