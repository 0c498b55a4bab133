"""A studio for tests: a folder of its own, and an engine that answers from a script."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from gpt2studio.app.engine.link import EngineLink
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.manuscript.manuscript import Manuscript
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.serve.serving import SERVE
from gpt2studio.app.studio import Opening, Studio
from gpt2studio.app.write.desk import open_story
from gpt2studio.app.write.screen import WriteScreen
from gpt2studio.paths import Places
from gpt2studio.settings import Settings, read_settings
from gpt2studio.wire.process import EngineProcess

FAKE = (sys.executable, str(Path(__file__).with_name("fake_engine.py")))
PATIENCE = 60.0
"""Seconds after which a test gives up: many, for a busy machine."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a studio for a test is to be."""

    home: Path
    engine: tuple[str, ...] = ()
    size: tuple[int, int] = (80, 24)
    file: Path | None = None
    story: str = ""
    model: str = "toy"
    server: tuple[str, ...] = SERVE
    settings: Settings = field(default_factory=lambda: Settings(pace=0, length=6))
    typed_ahead: tuple[str, ...] = ()
    """Keys typed before the studio is on screen."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A studio that runs, and what tests look at in it."""

    studio: Studio
    pilot: Pilot[None]

    @property
    def write(self) -> WriteScreen:
        return self.studio.write

    @property
    def manuscript(self) -> Manuscript:
        return self.studio.desk.manuscript

    @property
    def text(self) -> str:
        """The story's text, which is the manuscript's, character and ink alike."""
        story, manuscript = self.studio.desk.story, self.manuscript
        rows = b"".join(row + b"\n" for row in manuscript.ink.rows)[:-1]
        shown = bytes(10 if character == "\n" else ink for character, ink in zip(story.text, self.ink, strict=True))
        assert manuscript.text == story.text
        assert rows == shown
        return story.text

    @property
    def ink(self) -> bytes:
        story = self.studio.desk.story
        return story.ink(0, len(story.text))

    @property
    def by_model(self) -> str:
        """The model's words."""
        return "".join(character for character, ink in zip(self.text, self.ink, strict=True) if ink)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not holds():
            assert asyncio.get_running_loop().time() < deadline, "it does not come to hold"
            await self.pilot.pause(0.01)

    async def shows(self, words: str) -> None:
        """Wait until these words are on screen."""
        await self.until(lambda: words in self.screen_text())

    async def idle(self) -> None:
        """Wait until the model has done what was asked."""
        await self.until(lambda: not self.write.writer.busy)
        await self.pilot.pause()

    async def ready(self) -> None:
        """Wait until the model is loaded."""
        await self.until(lambda: self.studio.link.state.loaded is not None)
        await self.pilot.pause()

    async def line(self, text: str) -> None:
        """Type a line into the prompt line, Enter, and wait until the model has gone on."""
        self.write.prompt_line.focus()
        await self.pilot.press(*(_KEYS.get(character, character) for character in text), "enter")
        await self.pilot.pause()
        await self.idle()

    @property
    def told(self) -> str:
        """What the person has been told of, titles and texts."""
        return "\n".join(f"{each.title} {each.message}" for each in self.studio._notifications)

    def screen_text(self) -> str:
        """What is on screen, as plain text."""
        strips = self.studio.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


_KEYS = {" ": "space", ",": "comma", ".": "full_stop", ":": "colon"}


def places(home: Path) -> Places:
    return Places(data=home, config=home, state=home / "state", logs=home / "logs")


@asynccontextmanager
async def opened(setup: Setup) -> AsyncIterator[Bench]:
    """A studio on screen; closed as a person closes it."""
    here = places(setup.home)
    memory = MemoryFile(here.state / "app.json")
    written, complaints = read_settings(here.settings)
    story = open_story(here.stories, here.data / "files", story=setup.story, file=setup.file, last=memory.memory.story)
    choice = ModelChoice(setup.model, Path("/models") / setup.model)
    link = EngineLink(lambda command: EngineProcess.start(setup.engine, FAKE), choice)
    keeping = asyncio.create_task(link.run())
    settings = written if here.settings.exists() else setup.settings
    studio = Studio(Opening(here, settings, memory, link, story, tuple(complaints), setup.server))
    studio.patience = PATIENCE  # a busy machine is no reason to give a key up
    for key in setup.typed_ahead:
        studio.post_message(events.Key(key, key if len(key) == 1 else None))
    try:
        async with studio.run_test(size=setup.size, notifications=True) as pilot:
            await pilot.pause()
            yield Bench(studio, pilot)
    finally:
        studio.put_away()
        await studio.serving.stop()
        keeping.cancel()
        await link.close()
