"""HTTP with deadlines: a connection that says nothing, or takes nothing, is cut off."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

from gpt2studio.web.limits import Limits

_LAST_WORDS = 10.0
"""Seconds that a closing connection has to take what was written."""


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, where half a request does not hold a connection for ever, nor does a reader that stalls."""

    limits = Limits()
    _head: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._forget_head()
        self._forget_stall()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a request."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget_head()
        elif not self.transport.is_closing():
            self._await_head()

    def pause_writing(self) -> None:
        """Wait for a reader whose buffer is full, but not for ever."""
        super().pause_writing()
        self._stall = self._stall or self.loop.call_later(self.limits.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: it reads."""
        super().resume_writing()
        self._forget_stall()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been silent since its last answer."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(_LAST_WORDS, self.transport.abort)

    def _await_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(self.limits.head_seconds, self._expire)

    def _forget_head(self) -> None:
        _cancel(self._head)
        self._head = None

    def _forget_stall(self) -> None:
        _cancel(self._stall)
        self._stall = None

    def _expire(self) -> None:
        self._head = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
