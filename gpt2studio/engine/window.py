"""Which part of a text the model sees when it draws the next token."""

from dataclasses import dataclass

from gpt2studio.errors import EngineError


@dataclass(frozen=True, slots=True)
class Window:
    """The last tokens of a text, at most as many as the model has positions for.

    Where the text outgrows the window, the window's start moves on by a quarter of it at once, so that most tokens
    cost one step and not a window computed anew. Where it starts depends on the number of tokens alone: a text
    continued in one go and one continued a token at a time are seen alike.
    """

    n_positions: int
    pinned: int = 0
    """How many of the first tokens never leave."""

    @property
    def stride(self) -> int:
        """How many tokens leave at once."""
        return max((self.n_positions - self.pinned) // 4, 1)

    def start(self, tokens: int) -> int:
        """How many tokens after those that are pinned are not seen, of so many tokens in all."""
        beyond = tokens - self.n_positions
        return 0 if beyond <= 0 else -(-beyond // self.stride) * self.stride

    def of(self, tokens: list[int]) -> list[int]:
        """Those of the tokens that are seen."""
        return tokens[: self.pinned] + tokens[self.pinned + self.start(len(tokens)) :]

    def pinning(self, tokens: int) -> "Window":
        """The same with so many tokens pinned. Raises EngineError where they leave less than half to the text."""
        if tokens > self.n_positions // 2:
            raise EngineError(
                f"The memory takes {tokens:,} of the {self.n_positions:,} tokens that the model sees.",
                "Shorten it to half of them at most.",
            )
        return Window(self.n_positions, tokens)
