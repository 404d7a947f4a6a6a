from __future__ import annotations

import msgspec
import pytest

from kfp.ir import spec as ir
from kfp.ir.convert import to_json
from kfp.ir.spec.message import Message

NOTHING = tuple(item for item in ())  # on Python 3.10 this is not `()` itself
MESSAGES = [kind for kind in vars(ir).values() if isinstance(kind, type) and issubclass(kind, Message)]


def test_empty_tuples_are_left_out_however_they_were_made() -> None:
    container = ir.PipelineContainerSpec(image="i", command=NOTHING, args=NOTHING, env=NOTHING)
    assert to_json(container) == {"image": "i"}
    task = ir.PipelineTaskSpec(component_ref=ir.ComponentRef(name="c"), dependent_tasks=NOTHING)
    assert to_json(msgspec.structs.replace(task, dependent_tasks=NOTHING)) == {"componentRef": {"name": "c"}}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda kind: kind.__name__)
def test_every_message_is_immutable_and_in_camel_case(message: type[Message]) -> None:
    assert message.__struct_config__.frozen
    assert message.__struct_config__.forbid_unknown_fields
    assert all("_" not in field.encode_name for field in msgspec.structs.fields(message))
