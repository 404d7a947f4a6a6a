"""What a run leaves for another process, which continues or stops it (`kfp.engine.resume`, `kfp.engine.terminate`).

In its directory lie its document and settings (`run_files.py`), and the request to stop (`stop_request.py`). Records of
what had succeeded become the tree along which a continued run goes (`earlier.py`); `ending.py` ends the steps of a
process that is gone.
"""
