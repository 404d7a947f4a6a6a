"""An order in a shop: parameters that are more than numbers and texts.

An `Enum`, a dataclass, a `Literal` and an optional value are inside a component what they say they are, and JSON on
their way through the pipeline. Only Skiff has this: KFP's own SDK refuses enumerations and dataclasses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from kfp import dsl


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Pizza:
    name: str
    size: Size = Size.SMALL
    toppings: list[str] = field(default_factory=list)

    def price(self) -> float:
        return {Size.SMALL: 7.0, Size.LARGE: 10.0}[self.size] + 0.5 * len(self.toppings)


@dsl.component
def bake(name: str, size: Size, toppings: list[str] | None = None) -> Pizza:
    return Pizza(name, size, toppings or [])


@dsl.component
def bill(pizzas: list[Pizza], delivery: Literal["pick up", "bicycle"], discount: float | None = None) -> str:
    total = sum(pizza.price() for pizza in pizzas) + (2 if delivery == "bicycle" else 0)
    if discount is not None:
        total *= 1 - discount
    return f"{', '.join(pizza.name for pizza in pizzas)} by {delivery}: {total:.2f}"


@dsl.pipeline(name="pizza-order")
def order(
    size: Size = Size.LARGE, delivery: Literal["pick up", "bicycle"] = "bicycle", discount: float | None = None
) -> str:
    """Bake two pizzas and write the bill."""
    plain = bake(name="Margherita", size=size)
    rich = bake(name="Capricciosa", size=Size.SMALL, toppings=["ham", "olives", "artichokes"])
    return bill(pizzas=[plain.output, rich.output], delivery=delivery, discount=discount).output
