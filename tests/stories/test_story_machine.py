"""Anything a person can do to a story, in any order, against the plainest reference there is."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gpt2studio.stories import chronicle
from gpt2studio.stories.document import Document
from gpt2studio.stories.splice import Author, Piece, Splice
from gpt2studio.stories.story import Story, TokenRecord
from tests.stories.reference import Page, Reference
from tests.stories.strategies import TEXTS

STREAM = st.text(alphabet="mn 狐", min_size=0, max_size=8).map(lambda text: text and text + "m")
SOME = st.integers(0, 1_000_000)


def token(text: str) -> TokenRecord:
    return TokenRecord(7, text, -0.5, 3)


class StoryMachine(RuleBasedStateMachine):
    """The story, the reference, and an editor that knows only the splices it was told."""

    @initialize(often=st.booleans())
    def start(self, often: bool) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(chronicle, "SNAPSHOT_EVERY", 400 if often else 1 << 20)
        self.story = Story.create(self.folder)
        self.reference = Reference()
        self.editor = Document()
        self.joined = False

    def teardown(self) -> None:
        self.story.close()
        self.patch.undo()
        shutil.rmtree(self.folder)

    def mirror(self, *splices: Splice | None) -> None:
        for splice in splices:
            if splice is not None:
                assert self.editor.pieces(splice.at, splice.at + splice.taken) == splice.removed
                self.editor.apply(splice)

    @property
    def here(self) -> int:
        return next(node.id for node in self.story.road() if node.current)

    @rule(at=SOME, size=st.integers(0, 5), text=TEXTS, model=TEXTS, join=st.booleans())
    def edit(self, at: int, size: int, text: str, model: str, join: bool) -> None:
        at %= len(self.story.text) + 1
        removed = min(size, len(self.story.text) - at)
        inserted = [Piece(Author.PERSON, text), Piece(Author.MODEL, model[:1])] if model[:1] > "b" else text
        put = (*((char, 0) for char in text), *((char, 1) for char in model[:1] if model[:1] > "b"))
        self.mirror(self.story.edit(at, removed, inserted, join=join))
        if removed or put:
            self.joined = self.joined or (join and not self.story.open_generations)
            self.reference.edit(self.here, at, removed, put, join)

    @precondition(lambda self: self.story.open_generation is None)
    @rule(at=SOME, text=STREAM)
    def begin(self, at: int, text: str) -> None:
        at %= len(self.story.text) + 1
        before = self.here
        node = self.story.begin(at, {"seed": at})
        assert self.story.moved == []
        self.reference.begin(node, before, self.reference.page.begun(node, at), True)
        self.come(node, text)

    def come(self, node: int, *texts: str) -> None:
        self.mirror(self.story.extend(node, [token(text) for text in texts]))
        self.reference.extend(node, "".join(texts))

    @rule(text=STREAM)
    def retry(self, text: str) -> None:
        last = self.story.last_generation
        if last is None:
            return
        opened = self.reference.open_on_road()
        if opened is not None:
            self.reference.close(opened)
        old = self.reference.current
        page = self.reference.page
        on_road = last.node in self.reference.road(old)
        if self.joined:  # edits made one may lie on another side of the border than each did
            page = page.placed(last.node, last.at, last.end)
            self.reference.pages[old] = page
        elif on_road:
            assert (last.at, last.end) == page.region(last.node)
        node = self.story.begin(last.at, last.request, retry_of=last.node)
        self.mirror(*self.story.moved)
        parent = self.story.node(node).parent
        assert parent is not None
        if parent != self.reference.parents[last.node]:
            self.reference.carry(last.node, old, parent)
        elif on_road:
            assert self.reference.pages[parent].chars == page.without(last.node).chars
        self.reference.begin(node, parent, self.reference.pages[parent].begun(node, last.at), True)
        self.come(node, text)

    @rule(text=STREAM)
    def candidate(self, text: str) -> None:
        last = self.story.last_generation
        if last is not None:
            parent = self.reference.parents[last.node]
            at, _ = self.reference.pages[last.node].region(last.node)
            node = self.story.begin(0, {"candidate": 1}, retry_of=last.node, current=False)
            assert self.story.moved == []
            self.reference.begin(node, parent, self.reference.pages[parent].begun(node, at), False)
            self.come(node, text)

    @precondition(lambda self: self.story.open_generations)
    @rule(which=SOME, texts=st.lists(TEXTS, max_size=3))
    def extend(self, which: int, texts: list[str]) -> None:
        self.come(self.story.open_generations[which % len(self.story.open_generations)], *texts)

    @precondition(lambda self: self.story.open_generations)
    @rule(which=SOME, text=st.sampled_from(["", "", "\ufffd"]))
    def end(self, which: int, text: str) -> None:
        node = self.story.open_generations[which % len(self.story.open_generations)]
        self.mirror(self.story.end(node, "length", text))
        self.reference.extend(node, text)
        self.reference.close(node)
        assert self.story.extend(node, [token("late")]) is None

    @rule()
    def undo(self) -> None:
        if self.story.can_undo:
            self.mirror(*self.story.undo())
            self.reference.undo(self.here)
        else:
            assert self.story.undo() == []

    @rule()
    def redo(self) -> None:
        if self.story.can_redo:
            self.mirror(*self.story.redo())
            self.reference.place += 1
            self.reference.typing = -1
        else:
            assert self.story.redo() == []

    @precondition(lambda self: self.story.open_generation is not None)
    @rule(at=SOME, text=TEXTS)
    def type_beside_the_stream_and_take_it_back(self, at: int, text: str) -> None:
        self.edit(at, 0, text, "", False)
        self.undo()

    @rule(which=SOME)
    def go(self, which: int) -> None:
        node = sorted(self.reference.pages)[which % len(self.reference.pages)]
        moves = self.here != node
        self.mirror(*self.story.go(node))
        if moves:
            self.reference.visit(node)

    @rule(step=st.sampled_from([1, -1, 2]))
    def sibling(self, step: int) -> None:
        which, of = self.story.position()
        before = self.here
        self.mirror(*self.story.sibling(step))
        if self.here != before:
            assert step % of
            self.reference.visit(self.here)
        elif of > 1:
            assert step % of == 0
        assert which <= of

    @rule(down=st.booleans())
    def up_or_down(self, down: bool) -> None:
        before = self.here
        self.mirror(*(self.story.child() if down else self.story.parent()))
        if self.here != before:
            assert self.reference.parents[self.here if down else before] == (before if down else self.here)
            self.reference.visit(self.here)
        elif not down:
            assert before == 0

    @rule(killed=st.booleans())
    def reopen(self, killed: bool) -> None:
        if not self.story.directory.exists():
            return
        if killed:
            self.story._chronicle._journal.close()
        else:
            self.story.close()
        self.story = Story.open(self.story.directory)
        assert self.story.notices == []
        for node in list(self.reference.open):
            self.reference.close(node)
        assert self.story.open_generations == ()

    @rule(title=TEXTS)
    def rename(self, title: str) -> None:
        self.story.rename(title)
        assert self.story.title == title

    @invariant()
    def text_and_ink_are_the_references(self) -> None:
        if not hasattr(self, "story"):
            return
        page: Page = self.reference.page
        text = self.story.text
        assert text == page.text == self.editor.text
        assert self.story.ink(0, len(text)) == page.ink == self.editor.ink(0, len(text))
        assert self.here == self.reference.current
        assert self.story.open_generation == self.reference.open_on_road()
        assert sorted(self.story.open_generations) == sorted(self.reference.open)
        assert self.story.can_undo == (self.reference.place > 0)
        assert self.story.can_redo == (self.reference.place + 1 < len(self.reference.visited))


StoryMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyEvening: Any = StoryMachine.TestCase
