"""The intermediate representation: the PipelineSpec language as typed values, and all that reads or checks it.

`spec` holds the structs; `files` reads and writes them (over `yaml_text`, `convert` and `header`); `validate` checks
references between them; `values` and `arguments` check values against parameter types; `placeholders` parses
`{{$...}}`.
"""

from kfp.ir.spec import Document, PipelineSpec

__all__ = ["Document", "PipelineSpec"]
