"""A long evening at one story, by dice: what the tests of histories and of damaged files begin from."""

import random

from gpt2studio.stories.splice import Splice
from gpt2studio.stories.story import Story, TokenRecord

WORDS = ["fox", " hen", "é", "狐狸", "🦊", "\n", " once", ", ", "the "]


def token(text: str) -> TokenRecord:
    return TokenRecord(3, text, -0.25, 1)


class Evening:
    """Someone who writes, has the model go on, retries, jumps and undoes."""

    def __init__(self, story: Story, seed: int) -> None:
        self.story = story
        self.dice = random.Random(seed)

    def act(self) -> None:
        """Do one thing, whatever comes to mind."""
        acts = [self.type, self.type, self.delete, self.go_on, self.go_on, self.retry, self.candidates, self.wander]
        self.dice.choice([*acts, self.choose, self.jump, self.throw_away])()

    def words(self) -> str:
        return "".join(self.dice.choices(WORDS, k=self.dice.randint(1, 4)))

    def place(self) -> int:
        return self.dice.choice([len(self.story.text), self.dice.randint(0, len(self.story.text))])

    def type(self) -> None:
        at, join = self.place(), False
        for letter in self.words():
            self.story.edit(at, 0, letter, join=join)
            at, join = at + 1, True

    def delete(self) -> None:
        at = self.place()
        self.story.edit(at, min(self.dice.randint(0, 9), len(self.story.text) - at), self.dice.choice(["", "x"]))

    def go_on(self) -> None:
        self.stream(self.story.begin(self.place(), {"seed": self.dice.random()}))

    def retry(self) -> None:
        last = self.story.last_generation
        if last is not None:
            self.stream(self.story.begin(last.at, last.request, retry_of=last.node))

    def stream(self, node: int) -> None:
        for _ in range(self.dice.randint(0, 4)):
            self.story.extend(node, [token(self.words()) for _ in range(self.dice.randint(0, 3))])
            if self.dice.random() < 0.3:
                self.story.edit(self.place(), 0, "typed")
        if self.dice.random() < 0.1:
            self.story.undo()
        self.story.end(node, "length")

    def candidates(self) -> None:
        last = self.story.last_generation
        if last is not None:
            node = self.story.begin(0, {}, retry_of=last.node, current=False)
            self.story.extend(node, [token(self.words())])
            self.story.end(node, "length")

    def choose(self) -> None:
        """Several continuations at once, one of them taken whole or in part, now and then after typing elsewhere."""
        at, count = self.place(), self.dice.randint(2, 4)
        nodes = [self.story.begin(at, {"candidate": number}, current=False) for number in range(count)]
        for node in nodes * 2:
            self.story.extend(node, [token(self.words())])
        for node in nodes[1:]:
            self.story.end(node, "length")
        if self.dice.random() < 0.3:
            self.story.edit(self.place(), 0, "meanwhile")
        node = self.dice.choice(nodes)
        self.story.take(node, self.dice.choice([None, self.dice.randint(0, len(self.story.written(node)))]))
        self.story.extend(nodes[0], [token(self.words())])
        self.story.end(nodes[0], "length")

    def jump(self) -> None:
        """To anywhere that is no trash."""
        node = self.dice.randint(self.story.ground, self.story.nodes - 1)
        if not self.story.in_trash(node):
            self.story.go(node)

    def throw_away(self) -> None:
        """Into the trash, out of it, or away with it all."""
        trashed = self.story.trashed
        if trashed and self.dice.random() < 0.5:
            self.story.restore(self.dice.choice(trashed))
        elif len(trashed) > 2:
            self.story.empty_trash()
        elif self.story.nodes > self.story.ground + 1:
            self.story.trash(self.dice.randint(self.story.nodes // 2, self.story.nodes - 1) or 1)

    def wander(self) -> None:
        way = self.dice.choice([self.story.parent, self.story.child, self.up, self.down, self.story.undo])
        way()

    def up(self) -> list[Splice]:
        return self.story.sibling(-1)

    def down(self) -> list[Splice]:
        return self.story.sibling(1)


def page(story: Story) -> tuple[str, bytes]:
    """The text and its ink."""
    return story.text, story.ink(0, len(story.text))


def shelves(story: Story) -> list[str]:
    """What is in the trash, and what has gone with it."""
    return [story.node(node).shelf for node in range(story.nodes)]
