"""One go of a run, from its first step to its last, on one thread: that of the loop.

The door is `job.py`: a `Job` says what is done, and does it. `loop.py` asks the scheduler what to do, and has it done:
with steps in `steps.py` (`launch.py` starts them, `durable_outputs.py` keeps what they make), with DAGs and loops in
`groups.py`. What is open is in `underway.py`, what is known in the end in `ledger.py`; what is decided waits in
`outbox.py` until it is on record. From outside come `inbox.py`, `interrupts.py` and `alarms.py`. What runs the steps,
and what is wrapped around that is chosen in `choice.py`.
"""
