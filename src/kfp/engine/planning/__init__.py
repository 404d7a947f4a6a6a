"""A document becomes a plan, and what cannot run is refused before anything starts.

The door is `planner.py`: `plan` reads a PipelineSpec; the values of a plan are in `plan.py`. `needs.py` refuses tasks
whose inputs come from nowhere; what a step may take of a machine is read in `limits.py`, what it asks in `demand.py`.
"""
