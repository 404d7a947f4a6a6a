"""Pipelines that chance made, the same ones each time: groups in groups, with values that cross them."""

import random
from typing import List

from conformance import steps
from conformance.cases import Case
from kfp import dsl

COUNT = 40
DEEPEST = 3


class Writer:
    """Writes one pipeline's body from a seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def value(self, scope):
        return self.random.choice(scope)

    def add(self, scope):
        other = self.value(scope) if self.random.random() < 0.6 else self.random.randint(0, 9)
        task = steps.add(a=self.value(scope), b=other)
        if self.random.random() < 0.1:
            task.set_caching_options(False).set_display_name(f"Add {self.random.randint(0, 99)}")
        scope.append(task.output)
        return task

    def lists(self, items):
        choice = self.random.random()
        if choice < 0.4:
            return [self.random.randint(0, 9) for _ in range(self.random.randint(1, 3))]
        return items if choice < 0.7 else steps.numbers().output

    def branches(self, scope, items, depth):
        """Write If and Else, and a task that takes the output of either."""
        with dsl.If(self.value(scope) > self.random.randint(0, 9)):
            inner = list(scope)
            self.body(inner, items, depth + 1)
            first = self.add(inner)
        with dsl.Else():
            inner = list(scope)
            self.body(inner, items, depth + 1)
            second = self.add(inner)
        scope.append(steps.add(a=dsl.OneOf(first.output, second.output)).output)

    def condition(self, scope, items, depth):
        channel, operator = self.value(scope), self.random.choice(["==", "!=", "<", "<=", ">", ">="])
        other = self.value(scope) if self.random.random() < 0.3 else self.random.randint(0, 9)
        compare = {
            "==": lambda: channel == other,
            "!=": lambda: channel != other,
            "<": lambda: channel < other,
            "<=": lambda: channel <= other,
            ">": lambda: channel > other,
            ">=": lambda: channel >= other,
        }
        with dsl.If(compare[operator]()):
            self.body(list(scope), items, depth + 1)
        if self.random.random() < 0.4:
            with dsl.Elif(self.value(scope) == self.random.randint(0, 9)):
                self.body(list(scope), items, depth + 1)
            # Upstream takes what follows an Elif without an Else for a part of it
            with dsl.Else():
                self.body(list(scope), items, depth + 1)

    def loop(self, scope, items, depth):
        """Write a loop, and often a task that takes what its iterations made."""
        parallelism = self.random.choice([None, 2])
        with dsl.ParallelFor(self.lists(items), parallelism=parallelism) as item:
            inner = [*scope, item]
            self.body(inner, items, depth + 1)
            last = self.add(inner)
        if self.random.random() < 0.6:
            scope.append(steps.total(values=dsl.Collected(last.output)).output)

    def body(self, scope, items, depth):
        self.add(scope)
        for _ in range(self.random.randint(0, 2)):
            kinds = [self.branches, self.condition, self.loop] if depth < DEEPEST else []
            kind = self.random.choice([None, *kinds])
            if kind is None:
                self.add(scope)
            else:
                kind(scope, items, depth)


def written(seed):
    def generated(x: int, y: int, items: List[int]) -> int:
        writer = Writer(seed)
        scope = [x, y]
        writer.body(scope, items, 0)
        if writer.random.random() < 0.3:
            last = steps.done()
            with dsl.ExitHandler(last):
                writer.body(list(scope), items, 1)
        writer.loop(scope, items, 0)
        return writer.add(scope).output

    return lambda: dsl.pipeline(generated, name=f"generated-{seed}")


globals().update({
    f"number_{seed:02}": Case("generated", f"number_{seed:02}", written(seed)) for seed in range(COUNT)
})  # fmt: skip
