"""Container components: what a command becomes, whatever its values hold."""

from typing import List, NamedTuple

from conformance import steps
from conformance.running import parts
from conformance.running.case import Art, Text, component_runs, given, runs
from kfp import components, dsl
from kfp.dsl import ConcatPlaceholder, ContainerSpec, Dataset, IfPresentPlaceholder, Input, Output, OutputPath

IMAGE = "python:3.11"
PRINT = 'mkdir -p "$(dirname "$0")" && printf "%s|" "$@" > "$0"'
"""A shell's program: writes its arguments, each followed by a bar, to the file that the first one names."""


@dsl.container_component
def arguments(a: str, b: int, c: float, d: bool, e: list, f: dict, out: OutputPath(str)):
    return ContainerSpec(image=IMAGE, command=["sh", "-c", PRINT, out], args=[a, b, c, d, e, f])


@runs(
    given(a="x y", b=1, c=0.5, d=True, e=[1, "a"], f={"k": 1}).makes('x y|1|0.5|true|[1, "a"]|{"k": 1}|'),
    given(a="", b=-1, c=2.5, d=False, e=[], f={}).makes("|-1|2.5|false|[]|{}|"),
    given(a='it\'s "q" $HOME `id` \\ {{$}}\nnext', b=0, c=1e-3, d=False, e=["'"], f={"": '"'}).makes(
        'it\'s "q" $HOME `id` \\ {{$}}\nnext|0|0.001|false|["\'"]|{"": "\\""}|'
    ),
)
def values_of_every_type(a: str, b: int, c: float, d: bool, e: list, f: dict) -> str:
    return arguments(a=a, b=b, c=c, d=d, e=e, f=f).outputs["out"]


@dsl.container_component
def concatenated(a: str, out: OutputPath(str), b: str = "B"):
    return ContainerSpec(
        image=IMAGE,
        command=["sh", "-c", PRINT, out],
        args=[ConcatPlaceholder(["--a=", a]), ConcatPlaceholder([a, ConcatPlaceholder(["(", b, ")"])])],
    )


@runs(
    given(a="A").makes("--a=A|A(B)|"), given(a='{"Concat": ["x"]}').makes('--a={"Concat": ["x"]}|{"Concat": ["x"]}(B)|')
)
def concatenation(a: str) -> str:
    return concatenated(a=a).outputs["out"]


@dsl.container_component
def conditional(out: OutputPath(str), a: str = None, b: str = "always"):
    return ContainerSpec(
        image=IMAGE,
        command=["sh", "-c", PRINT, out],
        args=[
            IfPresentPlaceholder(input_name="a", then=["--a", a], else_=["--no-a"]),
            IfPresentPlaceholder(input_name="b", then=ConcatPlaceholder(["--b=", b])),
            "end",
        ],
    )


@runs(given().makes("--no-a|--b=always|end|"))
def optional_arguments_left_out() -> str:
    return conditional().outputs["out"]


@runs(given(a="x").makes("--a|x|--b=other|end|"))
def optional_arguments_given(a: str) -> str:
    return conditional(a=a, b="other").outputs["out"]


@dsl.container_component
def f_strings(a: str, b: int, data: Input[Dataset], copy: Output[Dataset], out: OutputPath(str)):
    return ContainerSpec(
        image=IMAGE,
        command=[
            "sh",
            "-c",
            f"cat {data.path} > {copy.path} && printf %s '{a}-{b}' > {out}",
        ],
    )


@runs(given(a="x", b=3).makes(out="x-3", copy=Art("system.Dataset", "content")))
def f_strings_of_inputs_and_artifacts(a: str, b: int) -> NamedTuple("Outputs", [("out", str), ("copy", Dataset)]):
    outputs = NamedTuple("Outputs", [("out", str), ("copy", Dataset)])
    task = f_strings(a=a, b=b, data=parts.write(text="content").outputs["data"])
    return outputs(task.outputs["out"], task.outputs["copy"])


@dsl.container_component
def number(out: OutputPath(int), more: OutputPath(List[int]), flag: OutputPath(bool), real: OutputPath(float)):
    program = 'mkdir -p "$(dirname "$0")"; printf 7 > "$0"; printf "[1, 2]" > "$1"; printf true > "$2"; printf 2 > "$3"'
    return ContainerSpec(image=IMAGE, command=["sh", "-c", program, out, more, flag, real])


@runs(given().makes(out=7, more=[1, 2], flag=True, real=2.0))
def outputs_of_every_type() -> NamedTuple(
    "Outputs", [("out", int), ("more", List[int]), ("flag", bool), ("real", float)]
):
    outputs = NamedTuple("Outputs", [("out", int), ("more", List[int]), ("flag", bool), ("real", float)])
    task = number()
    return outputs(task.outputs["out"], task.outputs["more"], task.outputs["flag"], task.outputs["real"])


@dsl.container_component
def exits(code: int):
    return ContainerSpec(image=IMAGE, command=["sh", "-c", 'echo "so it ends"; exit "$0"'], args=[code])


@runs(given(code=0), given(code=3).fails("3"))
def exit_codes(code: int):
    exits(code=code)


@dsl.container_component
def environment(out: OutputPath(str)):
    return ContainerSpec(
        image=IMAGE, command=["sh", "-c", 'mkdir -p "$(dirname "$0")"; printf "%s" "$A|$B" > "$0"', out]
    )


@runs(given().makes('it\'s "a"|b c'))
def variables_of_the_environment() -> str:
    task = environment()
    task.set_env_variable("A", 'it\'s "a"').set_env_variable("B", "b c")
    return task.outputs["out"]


@dsl.container_component
def metadata_and_uri(data: Input[Dataset], out: OutputPath(str)):
    return ContainerSpec(image=IMAGE, command=["sh", "-c", PRINT, out], args=[data.metadata["length"], data.uri])


@runs(given().makes(Text(r"3\|/.*/write/data\|")))
def of_metadata_and_a_uri() -> str:
    return metadata_and_uri(data=parts.write(text="abc").outputs["data"]).outputs["out"]


V1 = """
name: Echo things
inputs:
- {name: Text, type: String}
- {name: number, type: Integer, default: '3'}
- {name: Real, type: Float, optional: true}
- {name: data, type: Dataset}
outputs:
- {name: Said, type: String}
- {name: copy, type: Dataset}
implementation:
  container:
    image: python:3.11
    command:
    - sh
    - -c
    - |
      mkdir -p "$(dirname "$0")" "$(dirname "$1")"
      cat "$2" > "$1"
      out="$0"; shift 2; printf "%s|" "$@" > "$out"
    - {outputPath: Said}
    - {outputPath: copy}
    - {inputPath: data}
    args:
    - --text
    - {inputValue: Text}
    - {concat: [n=, {inputValue: number}]}
    - if:
        cond: {isPresent: Real}
        then: [--real, {inputValue: Real}]
        else: [--no-real]
"""


def echo_things():
    """Load the component of old."""
    return components.load_component_from_text(V1)


@runs(given(text="it's").makes(said="--text|it's|n=3|--no-real|", copy=Art("system.Dataset", "old")))
def a_component_of_version_1(text: str) -> NamedTuple("Outputs", [("said", str), ("copy", Dataset)]):
    outputs = NamedTuple("Outputs", [("said", str), ("copy", Dataset)])
    task = echo_things()(text=text, data=parts.write(text="old").outputs["data"])
    return outputs(task.outputs["said"], task.outputs["copy"])


@component_runs(given(a="A").makes(out="--a=A|A(B)|"), given(a="A", b="x").makes(out="--a=A|A(x)|"))
def a_container_component_alone():
    return concatenated


@runs(given(items=["a", "b"]).makes(["a-1|", "b-1|"]))
def in_a_loop(items: List[str]) -> List[str]:
    with dsl.ParallelFor(items) as item:
        task = prints(a=f"{item}-1")
    return dsl.Collected(task.outputs["out"])


@dsl.container_component
def prints(a: str, out: OutputPath(str)):
    return ContainerSpec(image=IMAGE, command=["sh", "-c", PRINT, out], args=[a])


@runs(given(x=2).skips("condition-2").within("prints", out="2|"))
def conditions_on_its_output(x: int):
    task = prints(a=f"{x}")
    with dsl.If(task.outputs["out"] == "2|"):
        steps.done()
    with dsl.If(task.outputs["out"] != "2|"):
        steps.done()
