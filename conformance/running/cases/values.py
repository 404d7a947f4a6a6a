"""Parameters: every type, its defaults, its odd values."""

from typing import Dict, List, NamedTuple, Optional

from conformance import steps
from conformance.running import parts
from conformance.running.case import component_runs, given, runs
from kfp import dsl


@dsl.component
def show_all(a: str, b: int, c: float, d: bool, e: list, f: dict) -> str:
    return repr((a, b, c, d, e, f))


@runs(
    given(a="x", b=1, c=0.5, d=True, e=[1, "a", None], f={"k": {"n": 1}}).makes(
        "('x', 1, 0.5, True, [1, 'a', None], {'k': {'n': 1}})"
    ),
    given(a="", b=-1, c=2.0, d=False, e=[], f={}).makes("('', -1, 2.0, False, [], {})"),
)
def every_type(a: str, b: int, c: float, d: bool, e: list, f: dict) -> str:
    return show_all(a=a, b=b, c=c, d=d, e=e, f=f).output


@runs(given().makes("('it\\'s \"x\"', 0, 1.0, False, [[1, 2], [3.5]], {'a': [1], 'b': {'c': ''}})"))
def constants_of_every_type() -> str:
    return show_all(a='it\'s "x"', b=0, c=1.0, d=False, e=[[1, 2], [3.5]], f={"a": [1], "b": {"c": ""}}).output


@dsl.component
def show_defaults(
    a: str = "d", b: int = 3, c: float = 4.0, d: bool = True, e: List[int] = [1], f: Dict[str, int] = {"a": 1}
) -> str:
    return repr((a, b, c, d, e, f))


@runs(given().makes("('d', 3, 4.0, True, [1], {'a': 1})"))
def defaults_of_a_component() -> str:
    return show_defaults().output


@runs(given().makes("('z', 0, -0.5, False, [], {})"), given(b=5, e=[7]).makes("('z', 5, -0.5, False, [7], {})"))
def defaults_of_a_pipeline(
    a: str = "z", b: int = 0, c: float = -0.5, d: bool = False, e: List[int] = [], f: Dict[str, int] = {}
) -> str:
    return show_defaults(a=a, b=b, c=c, d=d, e=e, f=f).output


@dsl.component
def show_optional(
    a: Optional[str] = None, b: Optional[int] = None, c: Optional[float] = None, d: Optional[list] = None
) -> str:
    return repr((a, b, c, d))


@runs(
    given().makes("(None, None, None, None)"),
    given(a="", b=0, c=0.0, d=[]).makes("('', 0, 0.0, [])"),
    given(a="x", c=1.0).makes("('x', None, 1.0, None)"),
)
def optional_parameters(
    a: Optional[str] = None, b: Optional[int] = None, c: Optional[float] = None, d: Optional[list] = None
) -> str:
    return show_optional(a=a, b=b, c=c, d=d).output


@runs(given().makes(number=7, text="seven", items=[1, 2, 3], table={"a": 1, "b": [2]}))
def named_tuples() -> NamedTuple("Outputs", [("number", int), ("text", str), ("items", list), ("table", dict)]):
    outputs = NamedTuple("Outputs", [("number", int), ("text", str), ("items", list), ("table", dict)])
    task = parts.mixed()
    return outputs(task.outputs["number"], task.outputs["text"], task.outputs["items"], task.outputs["table"])


@runs(given().makes("[1, 2, 3] {'a': 1, 'b': [2]}"))
def integers_in_lists_and_mappings_stay_integers() -> str:
    task = parts.mixed()
    items, table = parts.show_list(value=task.outputs["items"]), parts.show_dict(value=task.outputs["table"])
    return parts.concat(a=f"{items.output} ", b=table.output).output


@runs(given(x=3).makes("x is 3, twice 3"), given(x=-3).makes("x is -3, twice -3"))
def integers_in_f_strings(x: int) -> str:
    return steps.say(text=f"x is {x}, twice {steps.add(a=x, b=0).output}").output


@runs(given(x=0.5, y=True, z=[1, "a"], w={"k": 1}).makes('0.5 true [1, "a"] {"k": 1}'))
def other_types_in_f_strings(x: float, y: bool, z: list, w: dict) -> str:
    return steps.say(text=f"{x} {y} {z} {w}").output


@runs(given(text="x" * 300_000).makes(300_000))
def a_text_of_three_hundred_kilobytes(text: str) -> int:
    return length(text=steps.say(text=text).output).output


@dsl.component
def length(text: str) -> int:
    return len(text)


@runs(given(size=200_000).makes("200000 199999"))
def a_list_of_two_hundred_thousand_integers(size: int) -> str:
    return ends(values=counted(size=size).output).output


@dsl.component
def counted(size: int) -> list:
    return list(range(size))


@dsl.component
def ends(values: list) -> str:
    return f"{len(values)} {values[-1]}"


@runs(
    given(text="Grüße, 世界 🌍\u200b").makes("Grüße, 世界 🌍\u200b"),
    given(text="tab\tline\nreturn\r\nquote'\"\\").makes("tab\tline\nreturn\r\nquote'\"\\"),
    given(text="{{$.inputs.parameters['text']}} {{$}} ${HOME} $(date) %s").makes(
        "{{$.inputs.parameters['text']}} {{$}} ${HOME} $(date) %s"
    ),
    given(text='{"IfPresent": {"InputName": "a"}}').makes('{"IfPresent": {"InputName": "a"}}'),
    given(text=" 1 ").makes(" 1 "),
    given(text="null").makes("null"),
    given(text="-").makes("-"),
    given(text="--help").makes("--help"),
)
def odd_texts(text: str) -> str:
    return steps.say(text=steps.say(text=text).output).output


@runs(given().makes("{{$}} {{$.Values.image}} {{ $x := .y }}"))
def constants_that_look_like_placeholders() -> str:
    return steps.say(text="{{$}} {{$.Values.image}} {{ $x := .y }}").output


@runs(given(x=2**53).makes(2**53 + 1), given(x=-(2**40)).makes(-(2**40) + 1))
def large_integers(x: int) -> int:
    return steps.add(a=x).output


@runs(given(x=1e-9).makes(2e-9), given(x=1e300).makes(2e300), given(x=3).makes(6.0))
def floats(x: float) -> float:
    return steps.double(number=x).output


@dsl.component
def wrong_type() -> int:
    return "seven"


@runs(given().fails("wrong-type"))
def an_output_of_another_type():
    wrong_type()


@runs(given(x=[[{"a": [1, {"b": 2}]}], []]).makes([[{"a": [1, {"b": 2}]}], []]))
def deep_lists(x: list) -> list:
    return same(x=x).output


@dsl.component
def same(x: list) -> list:
    return x


@runs(given(x={"a b": 1, "": 2, "ü'\"": [True, None, 1.5]}).makes({"a b": 1, "": 2, "ü'\"": [True, None, 1.5]}))
def mappings_with_odd_keys(x: dict) -> dict:
    return same_table(x=x).output


@dsl.component
def same_table(x: dict) -> dict:
    return x


@component_runs(given(a=2).makes(3), given(a=2, b=5).makes(7))
def a_component_alone():
    return steps.add


@component_runs(given().makes(number=7, text="seven", items=[1, 2, 3], table={"a": 1, "b": [2]}))
def a_component_with_several_outputs_alone():
    return parts.mixed


@runs(given(x=1).makes(["1", "x1"]))
def channels_inside_of_lists(x: int) -> List[str]:
    text = parts.show_int(value=x)
    return same(x=[text.output, f"x{text.output}"]).output


@runs(given(x=1).makes({"plain": "1", "deep": {"in": ["1"]}}))
def channels_inside_of_mappings(x: int) -> dict:
    text = parts.show_int(value=x)
    return same_table(x={"plain": text.output, "deep": {"in": [text.output]}}).output


@runs(given(flag=False).makes(True), given(flag=True).makes(False))
def booleans(flag: bool) -> bool:
    return steps.check(flag=flag).output


@dsl.component
def old_style() -> NamedTuple("Outputs", [("a", int), ("b", str)]):
    from collections import namedtuple

    return namedtuple("Other", ["a", "b"])(1, "x")


@runs(given().makes("1x"))
def a_named_tuple_of_another_name() -> str:
    task = old_style()
    return parts.concat(a=parts.show_int(value=task.outputs["a"]).output, b=task.outputs["b"]).output
