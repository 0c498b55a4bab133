"""The step: one forward over all texts that are being gone on with, of ragged lengths."""

import time

import torch
from torch import Tensor

from gpt2studio.engine.attention import CachedAttention, Piece
from gpt2studio.engine.cache import Cache, Slot
from gpt2studio.engine.guests import TOKENS, Courtesy, seats
from gpt2studio.engine.model import GPT2
from gpt2studio.engine.remembering import Remembered
from gpt2studio.engine.threads import threads_for
from gpt2studio.engine.window import Window


class Row:
    """A text that is being gone on with."""

    def __init__(self, slot: Slot, tokens: list[int], guest: bool) -> None:
        self.slot = slot
        self.guest = guest
        """Whether it gives way to those that are not."""
        self.moved = 0
        """The step in which it moved last."""
        self.tokens = tokens
        """All that the model sees of it."""
        self.due = 0.0
        """The time, by `time.perf_counter`, before which nothing more of it is wanted."""
        self.reused = len(slot.tokens)
        """How many of them needed no computing when the row was made."""

    @property
    def pending(self) -> int:
        """How many tokens are still to be computed."""
        return len(self.tokens) - len(self.slot.tokens)


class Batch:
    """The rows that are under way. Rows join and leave between steps."""

    def __init__(self, network: GPT2, cache: Cache, tokens_a_step: int) -> None:
        self._network = network
        self._multiplications = network.multiplications
        self._cache = cache
        self._most = tokens_a_step
        self.known = Remembered()
        """What was asked for lately of what could come next."""
        self.rows: list[Row] = []
        self._aside: list[Row] = []
        """Rows of guests that gave their only place to the person's; they come back when it is free."""
        self._courtesy = Courtesy()
        self._steps = 0
        self._shared: bool | None = None
        """Whether guests had a part in the last step; None where that says nothing of what they cost."""

    def has_room(self, guest: bool) -> bool:
        """Whether one more row can join now; the first of the person's always can."""
        slots = len(self._cache.slots)
        guests = sum(row.guest for row in self.rows)
        if guest:
            return len(self.rows) + len(self._aside) < slots and guests < seats(slots)
        return len(self.rows) < slots or guests == slots

    @property
    def rest(self) -> float:
        """Seconds for which nothing is wanted of any row."""
        return max(0.0, min((row.due for row in self.rows), default=0.0) - time.perf_counter())

    @property
    def guests_may_cost(self) -> bool:
        """Whether something for guests may take time now: always, where the person does not wait."""
        return self._courtesy.allows or all(row.guest for row in self.rows)

    def guests_cost(self, seconds: float) -> None:
        """Something for guests has taken so long."""
        if not all(row.guest for row in self.rows):
            self._courtesy.cost(seconds)

    def join(self, tokens: list[int], guest: bool = False) -> Row:
        """A row for this text; the batch must have room, and the text not be empty."""
        if len(self.rows) == len(self._cache.slots):
            self._set_aside(next(row for row in self.rows if row.guest))
        slot = self._cache.take(tokens)
        assert slot is not None
        row = Row(slot, tokens, guest)
        self.rows.append(row)
        return row

    def _set_aside(self, row: Row) -> None:
        self.leave(row)
        self._aside.append(row)

    def recall(self) -> None:
        """Let rows that were set aside go on where there is room again."""
        while self._aside and (slot := self._cache.take(self._aside[0].tokens)) is not None:
            row = self._aside.pop(0)
            row.slot = slot
            self.rows.append(row)

    def see(self, row: Row, window: Window, tokens: list[int]) -> None:
        """Let the row see one token more: the last of this text, of which the window is seen."""
        if window.start(len(tokens)) == window.start(len(tokens) - 1):
            row.tokens.append(tokens[-1])
            return
        # The window has moved: every token stands at another position now.
        row.tokens = window.of(tokens)
        self._cache.reuse(row.slot, row.tokens)

    def leave(self, row: Row) -> None:
        """End the row; what was computed for it is remembered until the slot is wanted."""
        if row in self._aside:
            self._aside.remove(row)
            return
        self.rows.remove(row)
        row.slot.busy = False

    def forget(self, rows: list[Row]) -> None:
        """Trust nothing that was computed for these rows."""
        for row in rows:
            row.slot.tokens = []

    @torch.inference_mode()
    def clear(self, row: Row) -> None:
        """Have nothing left of what was computed for the row."""
        self._cache.clear(row.slot)

    @torch.inference_mode()
    def step(self) -> list[tuple[Row, Tensor]]:
        """Compute one token, or a piece of the prompt, of every row.

        Returns the rows of which every token is computed now, each with the logits of what comes next, (vocab_size,)
        in float32 on the CPU.
        """
        pieces = self._pieces()
        self._note(pieces)
        if not pieces:
            return []
        device = self._network.wte.device
        tokens = torch.tensor([token for _, piece in pieces for token in piece.tokens], device=device)
        positions = torch.tensor([n for _, piece in pieces for n in range(piece.start, piece.end)], device=device)
        with threads_for(len(tokens) * self._multiplications):
            return self._computed(pieces, tokens, positions)

    def _computed(self, pieces: list[tuple[Row, Piece]], tokens: Tensor, positions: Tensor) -> list[tuple[Row, Tensor]]:
        x = self._network(tokens, positions, CachedAttention(self._cache, [piece for _, piece in pieces]))
        last = -1
        ready: list[tuple[Row, int]] = []
        for row, piece in pieces:
            last += len(piece.tokens)
            row.slot.tokens.extend(piece.tokens)
            if not row.pending:
                ready.append((row, last))
        if not ready:
            return []
        logits = self._network.logits(x[[at for _, at in ready]]).cpu()
        return [(row, logits[n]) for n, (row, _) in enumerate(ready)]

    def _pieces(self) -> list[tuple[Row, Piece]]:
        """What of each row is computed next: all single tokens, and of longer texts as much as a step may take."""
        now = time.perf_counter()
        wanted = [row for row in self.rows if row.due <= now]
        own = [row for row in wanted if not row.guest]
        pieces = self._pieces_of(own or wanted)
        if own and self._courtesy.allows and not any(row.pending > 1 for row in own):
            pieces += self._pieces_of_guests(wanted)
        return sorted(pieces, key=lambda each: (len(each[1].tokens) > 1, each[1].slot.number))

    def _pieces_of(self, rows: list[Row]) -> list[tuple[Row, Piece]]:
        pieces = [(row, Piece(row.slot, row.tokens[-1:])) for row in rows if row.pending == 1]
        room = self._most if not pieces else max(self._most // 4, 16)  # others wait for every token
        longer = [row for row in rows if row.pending > 1]
        for row in sorted(longer, key=lambda row: row.pending):  # a short prompt does not wait for a long one
            if room > 0:
                piece = _piece(row, room)
                room -= len(piece.tokens)
                pieces.append((row, piece))
        return pieces

    def _pieces_of_guests(self, rows: list[Row]) -> list[tuple[Row, Piece]]:
        """A few tokens of guests, by turns."""
        pieces: list[tuple[Row, Piece]] = []
        room = TOKENS
        for row in sorted((row for row in rows if row.guest), key=lambda row: row.moved):
            if room > 0 and row.pending:
                piece = _piece(row, room)
                room -= len(piece.tokens)
                pieces.append((row, piece))
        return pieces

    def took(self, seconds: float) -> None:
        """The step has taken so long, with all that was made of it."""
        if self._shared is not None:
            self._courtesy.took(seconds, shared=self._shared)

    def _note(self, pieces: list[tuple[Row, Piece]]) -> None:
        """Remember who moves, and whether guests do in a step of the person's own."""
        self._steps += 1
        for row, _ in pieces:
            row.moved = self._steps
        own = [piece for row, piece in pieces if not row.guest]
        plain = own and all(len(piece.tokens) == 1 for piece in own)
        self._shared = any(row.guest for row, _ in pieces) if plain else None


def _piece(row: Row, room: int) -> Piece:
    """What is computed next of the row, so many tokens at most."""
    done = len(row.slot.tokens)
    return Piece(row.slot, row.tokens[done : done + room])
