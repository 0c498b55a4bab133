"""The vocabularies at hand, and the same vocabularies in tokenizers of other people."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import regex
import tiktoken
import tokenizers

from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.vocabulary import Vocabulary

DATA = Path(__file__).parents[2].parent / "shared" / "data"

# GPT-2's pattern as OpenAI published it in 2019.
PATTERN = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")

TIKTOKEN_PATTERN = (
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"  # as tiktoken publishes it
)


class Pair(NamedTuple):
    """A vocabulary as the studio reads it, and as *tokenizers* does."""

    ours: Tokenizer
    theirs: Callable[[str], list[int]]


def read_by_tokenizers(encoder: Path, merges: Path) -> Callable[[str], list[int]]:
    theirs: Any = tokenizers.Tokenizer(tokenizers.models.BPE.from_file(str(encoder), str(merges)))
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    return lambda text: list(theirs.encode(text, add_special_tokens=False).ids)


def shared(path: str) -> Path:
    """A file or folder of the texts that are not part of the project."""
    if not (DATA / path).exists():
        pytest.skip(f"shared/data/{path} is not here")
    return DATA / path


@pytest.fixture(scope="session")
def storyteller() -> Pair:
    folder = shipped("models") / "storyteller"
    return Pair(Tokenizer.of_folder(folder), read_by_tokenizers(folder / "vocab.json", folder / "merges.txt"))


@pytest.fixture(scope="session")
def gpt2() -> Pair:
    folder = shared("gpt2-vocab")
    return Pair(Tokenizer.of_folder(folder), read_by_tokenizers(folder / "encoder.json", folder / "vocab.bpe"))


@pytest.fixture(scope="session")
def gpt2_tiktoken(gpt2: Pair) -> Any:
    """GPT-2's vocabulary in tiktoken, built from the same files: nothing is fetched."""
    ranks = {data: token for token, data in enumerate(gpt2.ours.vocabulary.token_bytes) if token != 50256}
    return tiktoken.Encoding(
        "gpt2-from-files", pat_str=TIKTOKEN_PATTERN, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 50256}
    )


@pytest.fixture(params=["storyteller", "gpt2"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    """Each vocabulary in turn."""
    pair: Pair = request.getfixturevalue(request.param)
    return pair.ours


def write_vocabulary(folder: Path, ids: dict[str, int], merges: list[str]) -> Vocabulary:
    """A vocabulary as files, and read back from them."""
    (folder / "vocab.json").write_text(json.dumps(ids), "utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), "utf-8")
    return Vocabulary.of_folder(folder)
