"""Values that are the sum of their attributes: they compare and show themselves by these."""


class Record:
    """The base of such values."""

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # mutable, as KFP's are

    def __repr__(self) -> str:
        return "{}({})".format(type(self).__name__, ", ".join("{}={!r}".format(k, v) for k, v in vars(self).items()))
