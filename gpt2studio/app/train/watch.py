"""All runs as they stand: their logs followed beside the app's own work, and folded as they grow."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from gpt2studio.errors import StudioError
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Event
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.queue import place_of
from gpt2studio.runs.recipe import Recipe
from gpt2studio.runs.registry import Runs
from gpt2studio.runs.standing import Standing, standing
from gpt2studio.runs.telling import told
from gpt2studio.wire.terminal import visible

LINES = 500
"""How many of a run's last lines are kept."""

_BRISK, _CALM = 0.3, 1.5
"""Seconds between looks: while a trainer works, and while none does."""

_PORTION = 1 << 19
"""Bytes of a log that are read at once: between portions the app has its turn."""

_TURN = 0.5
"""Seconds of a look after which runs that were never looked into wait for the next: short logs are read first."""

_FEW = 2000
"""Events up to which the app folds them itself; more are folded anew beside it."""


@dataclass(slots=True, eq=False)
class WatchedRun:
    """One run as far as it has been followed. It changes as the run goes on."""

    run: RunDirectory
    recipe: Recipe | None = None
    """None where the file is damaged."""
    progress: Progress = field(default_factory=Progress)
    alive: bool = False
    """Whether a trainer works on it."""
    place: float | None = None
    """Where in the queue it waits; None where it does not."""
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LINES))
    """Its last events in words, safe to show."""
    told: int = 0
    """How many lines it has had in all."""

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    @property
    def waits(self) -> bool:
        """Whether it waits until other runs have ended."""
        return self.place is not None and not self.alive

    @property
    def standing(self) -> Standing:
        """What it is at."""
        return standing(self.progress, self.alive)

    def add(self, event: Event) -> None:
        """Take one more event in."""
        self.progress.add(event)
        if line := told(event, self.progress):
            self.lines.append(visible(line))
            self.told += 1


@dataclass(frozen=True, slots=True)
class Turn:
    """A run stands otherwise than it did."""

    run: WatchedRun
    before: Standing
    now: Standing


@dataclass(frozen=True, slots=True)
class News:
    """What a look at the runs has brought."""

    changed: frozenset[str] = frozenset()
    """The names of runs that have something new."""
    listed: bool = False
    """Whether runs have come or gone."""
    turns: tuple[Turn, ...] = ()
    """Of runs that were known before."""
    events: Mapping[str, list[Event]] = field(default_factory=dict)
    """What has just happened in runs that were known before; a resume takes later steps back."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """How far a run has been followed, and what told so."""

    recipe: tuple[int, int] = (0, 0)
    """The recipe's time and size."""
    log: int = 0
    """Which file the log is."""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at one run has brought."""

    run: RunDirectory
    seen: _Seen
    alive: bool
    recipe: Recipe | None
    fresh: WatchedRun | None
    """The run folded anew from its first event on; None where its new events suffice."""
    events: list[Event]
    place: float | None = None


class RunsWatch:
    """Follows every run in a folder, whoever started it.

    ``watch`` looks again and again until it is cancelled, each time in a thread; what was read is folded, and
    ``on_news`` told, in the caller's own, so that nobody sees a run in the middle of a change.
    """

    def __init__(self, runs: Runs) -> None:
        self.registry = runs
        self.runs: tuple[WatchedRun, ...] = ()
        """Those that a trainer works on, then the others, the newest first."""
        self.looked = False
        """Whether the folder has been looked into."""
        self.on_news: list[Callable[[News], None]] = []
        self._seen: dict[str, _Seen] = {}
        self._behind = False
        """Whether there are runs that have not been looked into yet."""
        self._looking = asyncio.Lock()

    def find(self, name: str) -> WatchedRun | None:
        """The run of this name, if it is there."""
        return next((each for each in self.runs if each.name == name), None)

    @property
    def under_way(self) -> tuple[WatchedRun, ...]:
        """The runs that a trainer works on."""
        return tuple(each for each in self.runs if each.alive)

    async def watch(self) -> None:
        """Look, and look again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(0 if self._behind else _BRISK if self.under_way else _CALM)

    async def look(self) -> None:
        """Look once, and tell what is new."""
        async with self._looking:
            known = {each.name: each for each in self.runs}
            looks = await asyncio.to_thread(self._look, {name: each.recipe for name, each in known.items()})
            news = self._take(known, looks)
        if news.listed or news.changed:
            for tell in list(self.on_news):
                tell(news)

    def _take(self, known: dict[str, WatchedRun], looks: list[_Look]) -> News:
        """Fold what was read."""
        found, changed, turns = [], set(), []
        for look in looks:
            old = known.get(look.run.name)
            before = old.standing if old is not None else None
            alive = old is not None and old.alive
            run = look.fresh or old
            assert run is not None
            run.recipe, run.alive = look.recipe, look.alive
            for event in look.events:
                run.add(event)
            moved, run.place = run.place != look.place, look.place
            if moved or old is not run or look.events or alive != run.alive or look.seen != self._seen.get(run.name):
                changed.add(run.name)
            if before is not None and before is not run.standing:
                turns.append(Turn(run, before, run.standing))
            self._seen[run.name] = look.seen
            found.append(run)
        found.sort(key=lambda each: not each.alive)  # where there is room for a few, those are in sight
        listed = not self.looked or [each.name for each in found] != [each.name for each in self.runs]
        self.runs, self.looked = tuple(found), True
        self._seen = {run.name: self._seen[run.name] for run in found}
        events = {look.run.name: look.events for look in looks if look.events}
        return News(frozenset(changed), listed, tuple(turns), events)

    def _look(self, recipes: dict[str, Recipe | None]) -> list[_Look]:
        """Look at every run. In a thread: it reads what is there, and touches nothing that the app looks at."""
        runs, until = self.registry.all(), time.monotonic() + _TURN
        looks: dict[str, _Look] = {}
        self._behind, begun = False, False
        for run in sorted(runs, key=self._unread):
            unknown = run.name not in self._seen
            if unknown and begun and time.monotonic() > until:
                self._behind = True
                continue
            begun = begun or unknown
            with contextlib.suppress(OSError):  # it is being taken away
                look = _look_at(run, self._seen.get(run.name), recipes.get(run.name))
                looks[run.name] = replace(look, place=place_of(run))
        return [looks[run.name] for run in runs if run.name in looks]

    def _unread(self, run: RunDirectory) -> int:
        """Bytes of a log that has never been looked into."""
        return 0 if run.name in self._seen else _log(run)[1]


def _look_at(run: RunDirectory, seen: _Seen | None, recipe: Recipe | None) -> _Look:
    written = run.recipe_path.stat()
    stamp = written.st_mtime_ns, written.st_size
    if seen is None or seen.recipe != stamp:
        try:
            recipe = run.recipe
        except StudioError:
            recipe = None
    # Asked before the log is read: what the trainer wrote last is read after it is gone.
    alive = run.alive
    log, size = _log(run)
    offset = seen.offset if seen is not None else 0
    if seen is not None and seen.log in (log, 0) and offset <= size:
        events, end = run.log.read(offset, _PORTION) if size > offset else ([], offset)
        if len(events) < _FEW:
            return _Look(run, _Seen(stamp, log, end), alive, recipe, None, events)
    fresh, end = WatchedRun(run), 0
    for events, behind in _portions(run):
        end = behind
        for event in events:
            fresh.add(event)
    return _Look(run, _Seen(stamp, log, end), alive, recipe, fresh, [])


def _portions(run: RunDirectory) -> Iterator[tuple[list[Event], int]]:
    """The whole log, and after each portion the offset behind it."""
    end, before = 0, -1
    while end > before:
        before = end
        events, end = run.log.read(before, _PORTION)
        yield events, end


def _log(run: RunDirectory) -> tuple[int, int]:
    """Which file the log is, and its size; zeros where there is none."""
    try:
        found = run.log.path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_size
