"""An index on disk: added to, made again where it is damaged, shared by processes that know nothing of each other."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.files import Lock
from gpt2studio.paths import places
from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.index import Index, check_name
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.listing import indexes
from gpt2studio.retrieval.passages import Passages
from gpt2studio.retrieval.texts import Text
from tests.retrieval.conftest import ALICE, DRAGON, WEST

TEXTS = [Text("alice.txt", ALICE), Text("dragon.txt", DRAGON), Text("西游.txt", WEST)]


@pytest.fixture
def folder(home: Path) -> Path:
    return places().indexes / "tales"


@pytest.fixture
def index(folder: Path) -> Index:
    return Index(folder).add(TEXTS)[0]


class Told:
    """What was reported."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __call__(self, what: str, done: int, total: int) -> None:
        if not total:
            self.words.append(what)


def same(one: Corpus, other: Corpus) -> bool:
    return (
        one.names == other.names
        and one.tokens.tolist() == other.tokens.tolist()
        and one.order.tolist() == other.order.tolist()
        and all(one.span(place, 3) == other.span(place, 3) for place in range(0, len(one), 7))
    )


def test_an_index_keeps_its_texts(index: Index, folder: Path) -> None:
    opened = Index.open(folder)
    assert opened.kept == index.kept
    assert [opened.text(number) for number in range(3)] == [ALICE, DRAGON, WEST]
    assert opened.kept[2].size == len(WEST.encode())
    assert opened.kept[2].characters == len(WEST)
    assert indexes(places()) == ["tales"]


def test_the_corpus_on_disk_is_the_one_in_memory(index: Index, lexicon: Lexicon) -> None:
    fresh = Corpus.of([(text.name, text.content) for text in TEXTS], lexicon)
    assert same(index.corpus(lexicon), fresh)
    assert same(Index.open(index.folder).corpus(lexicon), fresh)


def test_texts_can_be_added_and_each_content_counts_once(index: Index, lexicon: Lexicon) -> None:
    index.corpus(lexicon)
    index.passages().close()
    more = [Text("alice.txt", "Another Alice."), Text("copy of alice.txt", ALICE)]
    grown, new = index.add(more)
    assert new == 1
    assert [kept.name for kept in grown.kept] == ["alice.txt", "dragon.txt", "西游.txt", "alice.txt (2)"]
    fresh = Corpus.of([*((text.name, text.content) for text in TEXTS), ("alice.txt (2)", "Another Alice.")], lexicon)
    assert same(grown.corpus(lexicon), fresh)
    assert len(list(grown.folder.glob("tokens-*"))) == 1
    passages = grown.passages()
    assert [passages.span(hit.passage).text for hit in passages.search(["another"])] == [3]
    passages.close()
    assert len(list(grown.folder.glob("passages-*"))) == 1


def test_passages_of_texts_that_stay_are_not_made_again(index: Index) -> None:
    index.passages().close()
    grown, _ = index.add([Text("empty.txt", ""), Text("more.txt", "Once more.")])
    damaged = index.folder / index.kept[0].file
    damaged.write_text("not what it was")
    added = grown.passages()
    fresh = Passages.of([text.content for text in TEXTS] + ["", "Once more."])
    assert added.ranges.tolist() == fresh.ranges.tolist()
    assert added.search(["dragon", "once"]) == fresh.search(["dragon", "once"])
    added.close()
    fresh.close()


def test_tokens_of_texts_that_stay_are_not_made_again(
    index: Index, lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.corpus(lexicon)
    grown, _ = index.add([Text("more.txt", "Once more.")])
    encoded: list[str] = []
    encode = lexicon.encode

    def watched(text: str) -> object:
        encoded.append(text)
        return encode(text)

    monkeypatch.setattr(lexicon, "encode", watched)
    grown.corpus(lexicon)
    assert encoded == ["Once more."]


def test_another_process_s_texts_are_not_lost_when_this_one_adds(index: Index, folder: Path) -> None:
    stale = Index.open(folder)
    index.add([Text("one.txt", "One.")])
    grown, _ = stale.add([Text("two.txt", "Two.")])
    assert [kept.name for kept in grown.kept][3:] == ["one.txt", "two.txt"]


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 4
    path.write_bytes(data)


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [cut_short, one_bit, gone])
@pytest.mark.parametrize(
    "file",
    [
        "tokens-*/tokens.bin",
        "tokens-*/suffixes.bin",
        "tokens-*/texts.json",
        "tokens-*/whole.json",
        "passages-*/*.sqlite",
    ],
)
def test_a_damaged_part_is_made_again_with_a_word(
    index: Index, lexicon: Lexicon, damage: Callable[[Path], None], file: str
) -> None:
    index.corpus(lexicon)
    index.passages().close()
    (path,) = index.folder.glob(file)
    damage(path)
    told = Told()
    opened = Index.open(index.folder)
    fresh = Corpus.of([(text.name, text.content) for text in TEXTS], lexicon)
    assert same(opened.corpus(lexicon, told), fresh)
    passages = opened.passages(told)
    assert passages.search(["dragon"])
    passages.close()
    assert told.words == ["A damaged index is built again"]


@pytest.mark.parametrize("damage", [cut_short, one_bit, gone])
def test_a_damaged_copy_of_a_text_is_named(index: Index, lexicon: Lexicon, damage: Callable[[Path], None]) -> None:
    damage(index.folder / index.kept[1].file)
    with pytest.raises(FormatError, match=r"dragon\.txt"):
        index.corpus(lexicon)
    assert not [*index.folder.glob("tokens-*"), *index.folder.glob(".making-*")]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 9}', '{"version": 1}', '{"version": 1, "texts": [{}]}'])
def test_a_damaged_list_of_texts_is_said(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "index.json").write_text(text)
    with pytest.raises(FormatError, match="tales"):
        Index.open(folder)


def test_a_list_that_cannot_be_read_is_said(folder: Path) -> None:
    (folder / "index.json").mkdir(parents=True)
    with pytest.raises(FormatError, match="cannot be read"):
        Index.open(folder)


def test_an_index_that_is_not_there_is_said(folder: Path) -> None:
    with pytest.raises(NotFoundError, match="tales"):
        Index.open(folder)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", ".hidden", "a\nb", "stitch:x", "nul", "tales."])
def test_a_name_that_would_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(StudioError, match="cannot be called"):
        check_name(name)


# --- several processes -----------------------------------------------------------------------------------------------

BUILD = """
import sys
from pathlib import Path
from gpt2studio.paths import shipped
from gpt2studio.retrieval import stored
from gpt2studio.retrieval.index import Index
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.text.tokenizer import Tokenizer

def word(what, done, total):
    if not total:
        print(what, flush=True)

lexicon = Lexicon(Tokenizer.of_folder(shipped("models") / "storyteller"))
if len(sys.argv) > 2:
    # Stop where everything is written but the seal, and wait to be killed.
    write = stored.write
    def hang(*arguments):
        write(*arguments)
        print("written", flush=True)
        sys.stdin.read()
    stored.write = hang
corpus = Index.open(Path(sys.argv[1])).corpus(lexicon, word)
print(corpus.find(lexicon.tokenizer.encode(" dragon")).count, flush=True)
"""


def build(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", BUILD, str(folder), *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_processes_that_build_at_once_make_one_index(index: Index) -> None:
    both = [build(index.folder) for _ in range(2)]
    answers = [process.communicate(timeout=60)[0].splitlines()[-1] for process in both]
    assert answers == [str(DRAGON.count(" dragon"))] * 2
    assert len(list(index.folder.glob("tokens-*"))) == 1
    assert not list(index.folder.glob(".making-*"))


def test_a_process_waits_for_another_that_builds(index: Index) -> None:
    lock = Lock(index.folder / "lock")
    assert lock.acquire()
    process = build(index.folder)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Waiting")
    lock.release()
    assert process.communicate(timeout=60)[0].strip() == str(DRAGON.count(" dragon"))


def test_what_a_killed_process_left_is_made_again_with_a_word(index: Index, lexicon: Lexicon) -> None:
    process = build(index.folder, "hang")
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    (leftover,) = index.folder.glob(".making-*")
    assert (leftover / "suffixes.bin").exists()
    told = Told()
    fresh = Corpus.of([(text.name, text.content) for text in TEXTS], lexicon)
    assert same(index.corpus(lexicon, told), fresh)
    assert told.words == ["An index that was never finished is built again"]
    assert not list(index.folder.glob(".making-*"))
