"""What runs inside the process of a step: artifacts, annotations, the loader and the executor.

Standard library only, syntax of Python 3.7: this package travels into every image and every lightweight command.
"""
