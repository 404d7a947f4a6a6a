"""A Jupyter notebook as a step: it is embedded in the component, and runs from its first cell to its last.

`dsl.run_notebook` gives values to the cell with the tag `parameters`; files are how a notebook gives something back.
The step needs nbclient and ipykernel; without `packages_to_install` they are installed when it starts.
"""

from pathlib import Path

from kfp import dsl
from kfp.dsl import Dataset, Input, Markdown, Output

NOTEBOOK = Path(__file__).with_name("report.ipynb")


@dsl.component
def record(days: int, temperatures: Output[Dataset]):
    """Write a temperature for each day."""
    import json

    with open(temperatures.path, "w") as file:
        json.dump([15 + day % 5 for day in range(days)], file)


@dsl.notebook_component(notebook_path=str(NOTEBOOK))
def report(temperatures: Input[Dataset], title: str, text: Output[Markdown]) -> int:
    dsl.run_notebook(source=temperatures.path, target=text.path, title=title)
    with open(text.path) as file:
        return len(file.readlines())


@dsl.pipeline(name="weather-report")
def weather_report(days: int = 7, title: str = "Last week") -> int:
    """Have a notebook write a report; its number of lines is the output."""
    temperatures = record(days=days).outputs["temperatures"]
    return report(temperatures=temperatures, title=title).outputs["Output"]
