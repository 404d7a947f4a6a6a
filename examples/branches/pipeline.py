"""A thermostat: what one task returns decides which of the others run.

`dsl.If`, `dsl.Elif` and `dsl.Else` exclude each other. `dsl.OneOf` is the output of the branch that ran, so that what
comes after the branches need not know which one it was.
"""

from kfp import dsl


@dsl.component
def average(readings: list[float]) -> float:
    return sum(readings) / len(readings)


@dsl.component
def switch(device: str, minutes: int) -> str:
    return f"{device} on for {minutes} minutes"


@dsl.component
def wait() -> str:
    return "nothing to do"


@dsl.component
def report(temperature: float, action: str) -> str:
    line = f"{temperature:.1f} degrees: {action}"
    print(line)
    return line


@dsl.pipeline(name="thermostat")
def thermostat(readings: list[float] = [16.5, 18.0], minutes: int = 10) -> str:
    """Heat, cool or wait, as the readings suggest."""
    temperature = average(readings=readings)
    with dsl.If(temperature.output < 18, name="cold"):
        heating = switch(device="heater", minutes=minutes)
    with dsl.Elif(temperature.output > 24, name="hot"):
        cooling = switch(device="fan", minutes=minutes)
    with dsl.Else(name="comfortable"):
        waiting = wait()
    action = dsl.OneOf(heating.output, cooling.output, waiting.output)
    return report(temperature=temperature.output, action=action).output
