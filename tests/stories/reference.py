"""A story in the plainest way: the whole text of every node, copied at every step."""

from dataclasses import dataclass

Char = tuple[str, int]
Region = tuple[int, int, int]
"""A continuation's node, where it starts, where it ends."""


@dataclass(frozen=True)
class Page:
    """A node's text, character by character with its ink, and where its continuations stand."""

    chars: tuple[Char, ...] = ()
    regions: tuple[Region, ...] = ()

    @property
    def text(self) -> str:
        return "".join(char for char, _ in self.chars)

    @property
    def ink(self) -> bytes:
        return bytes(ink for _, ink in self.chars)

    def region(self, node: int) -> tuple[int, int]:
        return next((start, end) for each, start, end in self.regions if each == node)

    def edited(self, at: int, removed: int, put: tuple[Char, ...]) -> "Page":
        """The page after an edit."""
        regions = tuple(
            (node, *moved(len(self.chars), start, end, (at, removed, len(put)))) for node, start, end in self.regions
        )
        return Page(self.chars[:at] + put + self.chars[at + removed :], regions)

    def begun(self, node: int, at: int) -> "Page":
        """The page with a continuation that has no text yet."""
        return Page(self.chars, (*self.regions, (node, at, at)))

    def grown(self, node: int, text: str) -> "Page":
        """The page with more of a continuation."""
        start, end = self.region(node)
        page = self.edited(end, 0, tuple((char, 1) for char in text))
        return page.placed(node, start, end + len(text))

    def without(self, node: int) -> "Page":
        """The page without a continuation."""
        start, end = self.region(node)
        page = self.edited(start, end - start, ())
        return Page(page.chars, tuple(each for each in page.regions if each[0] != node))

    def overwritten(self, node: int, at: int, removed: int) -> bool:
        """Whether an edit takes away the place where a continuation goes on, or all of it."""
        start, end = self.region(node)
        return at < end < at + removed or at <= start < end <= at + removed

    def placed(self, node: int, start: int, end: int) -> "Page":
        """The page with a continuation said to stand there."""
        return Page(self.chars, tuple((node, start, end) if each[0] == node else each for each in self.regions))


def moved(length: int, start: int, end: int, edit: tuple[int, int, int]) -> tuple[int, int]:
    """Where a region is after an edit: characters typed inside it belong to it from then on."""
    at, removed, put = edit
    stop = at + removed
    inside = start <= at < end and stop <= end and not at == stop == start
    own = [start <= place < end for place in range(length)]
    own[at:stop] = [inside] * put
    if any(own):
        return own.index(True), own.index(True) + sum(own)
    if at >= end or inside:
        empty = start
    elif stop <= start:
        empty = start - removed + put
    else:
        empty = at + put if at < start else at
    return empty, empty


class Reference:
    """What a story should be after each action, its nodes named as the story names them."""

    def __init__(self) -> None:
        self.pages = {0: Page()}
        self.parents = {0: -1}
        self.made: dict[int, int] = {}
        """How many characters each continuation has had."""
        self.open: list[int] = []
        self.visited = [0]
        self.place = 0
        self.typing = -1

    @property
    def current(self) -> int:
        return self.visited[self.place]

    @property
    def page(self) -> Page:
        return self.pages[self.current]

    def road(self, node: int) -> list[int]:
        """A node and all above it."""
        row = [node]
        while self.parents[row[-1]] >= 0:
            row.append(self.parents[row[-1]])
        return row

    def open_on_road(self) -> int | None:
        return next((node for node in self.road(self.current) if node in self.open), None)

    def children(self, node: int) -> list[int]:
        return [child for child, parent in self.parents.items() if parent == node]

    def visit(self, node: int) -> None:
        self.visited = [*self.visited[: self.place + 1], node]
        self.place += 1
        self.typing = -1

    def edit(self, node: int, at: int, removed: int, put: tuple[Char, ...], join: bool) -> None:
        """The edit, whose node the story names; or None of its own, where it joined the one before."""
        page = self.page.edited(at, removed, put)
        opened = self.open_on_road()
        if opened is not None and self.page.overwritten(opened, at, removed):
            self.close(opened)
        if join and self.typing == self.current and not self.children(self.current):
            assert node == self.current
            self.pages[node] = page
            return
        assert node not in self.pages
        self.pages[node], self.parents[node] = page, self.current
        self.visit(node)
        self.typing = node

    def begin(self, node: int, parent: int, page: Page, current: bool) -> None:
        assert node not in self.pages
        self.pages[node], self.parents[node] = page, parent
        self.made[node] = 0
        self.open.append(node)
        if current:
            self.visit(node)

    def extend(self, node: int, text: str) -> None:
        if node in self.open:
            self.made[node] += len(text)
            for each, page in self.pages.items():
                if node in self.road(each):
                    self.pages[each] = page.grown(node, text)

    def close(self, node: int) -> None:
        """A continuation ends; one that came to nothing is no step."""
        if node not in self.open:
            return
        self.open.remove(node)
        if self.made[node]:
            return
        for place in range(len(self.visited) - 1, 0, -1):
            if self.visited[place] == node and self.visited[place - 1] == self.parents[node]:
                del self.visited[place]
                if place <= self.place:
                    self.place -= 1

    def undo(self, named: int) -> None:
        """A step back; *named* is the node where the story is now."""
        opened = self.open_on_road()
        self.typing = -1
        if opened is None:
            self.place -= 1
            return
        before = self.current
        self.close(opened)
        if not self.made[opened]:
            if before == opened and self.current == opened:
                self.place -= 1
            return
        road = self.road(before)
        chain = road[: road.index(opened) + 1][::-1]
        place = self.place + 1 - len(chain)
        if self.visited[place : self.place + 1] != chain:
            self.place -= 1
        elif self.visited[place - 1] != self.parents[opened]:
            self.place = place - 1
        elif named == self.parents[opened]:
            assert self.pages[before].without(opened).chars == self.pages[named].chars
            self.place = place - 1
        else:
            self.carry(opened, before, named)
            self.visited[place:] = [named, before]
            self.place = place

    def carry(self, over: int, before: int, named: int) -> None:
        """The node that has what was typed since a continuation, without it."""
        page = self.pages[before].without(over)
        if named in self.pages:
            assert self.pages[named].chars == page.chars
        else:
            self.pages[named] = page
            self.parents[named] = self.parents[over]
