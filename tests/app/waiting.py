"""Waiting in tests for what threads and processes will bring."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

PATIENCE = 60.0
"""Seconds after which a test gives up: many, for a busy machine."""


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not holds():
        assert asyncio.get_running_loop().time() < deadline, "it does not come to hold"
        await pilot.pause(0.01)
