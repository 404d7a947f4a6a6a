"""A helper beside the component. Its name is the standard library's too, and nothing breaks."""


def add_numbers(num1: int, num2: int) -> int:
    return num1 + num2
