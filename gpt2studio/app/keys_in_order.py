"""Keys act in the order in which they were typed, however fast they come."""

import time
from collections import deque
from collections.abc import Sequence

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

_ROUNDS = 2
"""Ways up from the focus after a key: one for the key itself, one for what was told because of it."""


class KeysInOrder(App[None]):
    """An app that takes a key or a paste only when those before it have had their effect.

    Textual handles a priority binding at once, a letter in the queue of the focused widget, and another binding
    after it has risen from there through every queue above: of keys that come in one burst the later can overtake.
    """

    def __init__(self) -> None:
        super().__init__()
        self.patience = 2.0
        """Seconds that a key is waited for by those after it."""
        self.typed_at = 0.0
        """When the last key came, by `time.monotonic`."""
        self._typed: deque[events.Key | events.Paste] = deque()
        self._under_way = True  # until the first paint: nothing has the focus before
        self._turn = 0
        self._turn_seen = -1

    def on_mount(self) -> None:
        """Begin with the keys when something has the focus."""
        self.call_after_refresh(self._begin)

    async def furnish(self) -> None:
        """Called when the first paint is done: what must be there before the first key is taken, and not earlier."""

    async def _begin(self) -> None:
        await self.furnish()
        self.set_interval(self.patience, self._look)
        await self._go_on()

    async def on_event(self, event: events.Event) -> None:
        """Take the event, or have it wait for its turn."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self.typed_at = time.monotonic()
        if self._under_way:
            self._typed.append(event)
        else:
            await self._take(event)

    async def _take(self, event: events.Key | events.Paste) -> None:
        self._under_way = True
        self._turn += 1
        way = self._way_up()
        await super().on_event(event)
        await self._rise(self._turn, way, _ROUNDS)

    def _way_up(self) -> Sequence[MessagePump]:
        """From where keys go now up to the app."""
        return (self.focused or self.screen).ancestors_with_self

    async def _rise(self, turn: int, way: Sequence[MessagePump], rounds: int) -> None:
        """Queue up behind the key on its way; at the end of the last round it has had its effect."""
        if turn != self._turn:
            return  # the key was given up
        for place, pump in enumerate(way):
            if pump.call_later(self._rise, turn, way[place + 1 :], rounds):
                return
        if way:
            return  # the app itself takes nothing any more
        if rounds > 1:
            await self._rise(turn, self._way_up(), rounds - 1)
        else:
            await self._go_on()

    async def _go_on(self) -> None:
        """Take the next key that waits, if any does."""
        self._under_way = False
        if self._typed:
            await self._take(self._typed.popleft())

    async def _look(self) -> None:
        """Wait no longer for a key whose widget has gone, or does not come to an end with it."""
        if self._typed and self._turn == self._turn_seen:
            self._turn += 1
            await self._go_on()
        self._turn_seen = self._turn
