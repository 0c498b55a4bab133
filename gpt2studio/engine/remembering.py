"""The logits of a few places asked about last, so that another sampling of one needs no computing."""

from gpt2studio.engine.sampling import Values

_PLACES = 8


class Remembered:
    """Logits by the tokens that they come after."""

    def __init__(self) -> None:
        self._places: dict[tuple[int, ...], Values] = {}

    def get(self, tokens: list[int]) -> Values | None:
        """The logits of what comes after these tokens, where they are known."""
        key = tuple(tokens)
        values = self._places.pop(key, None)
        if values is not None:
            self._places[key] = values  # the one asked for last is forgotten last
        return values

    def put(self, tokens: list[int], values: Values) -> None:
        """Remember them, in place of those that were asked for longest ago."""
        self._places[tuple(tokens)] = values.copy()
        if len(self._places) > _PLACES:
            del self._places[next(iter(self._places))]
