"""Executes a notebook in a step. This file's own text travels in notebook components: Python 3.7, no `kfp`."""

# ruff: noqa: ANN001, ANN201, ANN202, PLC0415, UP032 -- as the bundle is, and without imports where it is only read
# mypy: allow-untyped-defs, allow-untyped-calls, ignore-missing-imports, allow-subclassing-any


def execute(path, directory, parameters):
    """Run a notebook, with its outputs on the step's own, and stop at the first error.

    Args:
        path: the notebook's file.
        directory: the working directory.
        parameters: variables that the notebook gets, JSON values.
    """
    import nbformat  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from nbclient import NotebookClient  # type: ignore[import-not-found,unused-ignore]

    class Client(NotebookClient):
        def process_message(self, msg, cell, cell_index):
            output = super().process_message(msg, cell, cell_index)
            if output is not None:
                show(output)
            return output

    notebook = nbformat.read(path, as_version=4)
    if parameters:
        cell = nbformat.v4.new_code_cell(assignments(parameters), metadata={"tags": ["injected-parameters"]})
        notebook.cells.insert(position(notebook.cells), cell)
    client = Client(notebook, timeout=None, kernel_name="python3", store_widget_state=False)
    client.execute(cwd=directory)


def assignments(parameters):
    """Write parameters as Python, as Papermill does."""
    import json

    lines = []
    for name, value in parameters.items():
        try:
            plain = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise TypeError("run_notebook: the parameter {!r} is not JSON: {}".format(name, error)) from None
        lines.append("{} = {!r}\n".format(name, plain))
    return "".join(lines)


def position(cells):
    """Find where parameters belong: after the first code cell with the tag `parameters`, else at the top."""
    for index, cell in enumerate(cells):
        if cell.get("cell_type") == "code" and "parameters" in cell.get("metadata", {}).get("tags", ()):
            return index + 1
    return 0


def show(output):
    """Print what a cell gives, as it comes."""
    import sys

    if output.output_type == "stream":
        stream = sys.stderr if output.get("name") == "stderr" else sys.stdout
        stream.write(output.text)
        stream.flush()
    elif output.output_type == "error":
        print("\n".join(output.traceback), file=sys.stderr, flush=True)
    else:
        data = output.get("data", {})
        text = data.get("text/plain", data.get("text/markdown"))
        if text is not None:
            print(text, flush=True)
