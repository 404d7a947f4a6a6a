"""Types of a user's package that components have in their signatures."""
# ruff: noqa: UP006, UP035, UP045 -- these travel to steps with old interpreters

import enum
from dataclasses import dataclass, field
from typing import Dict, List, Optional


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Point:
    x: int
    y: float = 0.5


@dataclass
class Config:
    name: str
    origin: Point
    colors: List[Color] = field(default_factory=list)
    points: Optional[Dict[str, Point]] = None
