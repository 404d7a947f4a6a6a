"""Parameters and artifacts as a page shows them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kfp.engine.addresses import redacted
from kfp.report.markup import Markup, element, note
from kfp.report.material import is_artifact

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORT = 120
_LONGEST = 20_000


def table(values: Mapping[str, Any], empty: str) -> Markup:
    """Return values by name as a table.

    Args:
        values: JSON values; artifacts in their JSON form.
        empty: what to say where there are none.
    """
    if not values:
        return note(empty)
    cells = [(element("th", name, scope="row"), element("td", shown(value))) for name, value in values.items()]
    rows = [element("tr", *each) for each in cells]
    return element("table", element("tbody", rows), class_="values")


def shown(value: Any) -> Markup:  # noqa: ANN401 - a JSON value
    """Return a JSON value, without the passwords of URIs in it; a long one is folded."""
    if is_artifact(value):
        return _artifact(value)
    if isinstance(value, list) and value and all(is_artifact(each) for each in value):
        return element("ol", [element("li", _artifact(each)) for each in value[:_SHORT]], _more(len(value) - _SHORT))
    text = redacted(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=_indent(value)))
    if len(text) <= _SHORT and "\n" not in text:
        return element("code", text)
    rest = f"\n… {len(text) - _LONGEST:,} more characters" if len(text) > _LONGEST else ""
    head = element("summary", element("code", text[:_SHORT].split("\n", 1)[0] + " …"))
    return element("details", head, element("pre", text[:_LONGEST] + rest))


def _artifact(artifact: Mapping[str, Any]) -> Markup:
    kind = element("span", str(artifact["type"].get("schemaTitle") or "artifact"), class_="kind")
    told = [kind, " ", element("code", redacted(artifact["uri"]))]
    metadata = artifact["metadata"]
    if metadata:
        text = redacted(json.dumps(metadata, ensure_ascii=False, indent=2))
        told.append(element("details", element("summary", "metadata"), element("pre", text[:_LONGEST])))
    return element("div", told, class_="artifact")


def _indent(value: object) -> int | None:
    return 2 if isinstance(value, (dict, list)) and len(json.dumps(value)) > _SHORT else None


def _more(count: int) -> Markup | None:
    return element("li", f"and {count:,} more") if count > 0 else None
