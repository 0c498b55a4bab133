import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.text.alphabet import ALPHABET, to_bytes
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.vocabulary import Vocabulary

from . import texts
from .conftest import Pair, read_by_tokenizers, shared

TEXT = [*texts.SAMPLES.values(), Path(__file__).read_text("utf-8")]


def trained(folder: Path, size: int, alphabet: list[str], special: list[str]) -> Any:
    """A vocabulary that *tokenizers* trained, as files in a folder."""
    theirs: Any = tokenizers.Tokenizer(tokenizers.models.BPE())
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, special_tokens=special, show_progress=False
    )
    theirs.train_from_iterator(TEXT, trainer)
    theirs.model.save(str(folder))
    return theirs


def test_the_alphabet_is_that_of_tokenizers() -> None:
    assert set(ALPHABET) == set(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    assert len(ALPHABET) == 256


@given(st.binary())
def test_the_alphabet_writes_every_byte(data: bytes) -> None:
    assert to_bytes("".join(ALPHABET[byte] for byte in data)) == data


@pytest.mark.parametrize("character", [" ", "\n", "\x00", "\xad", "ń", "▁", "天"])
def test_what_is_not_of_the_alphabet_is_no_byte(character: str) -> None:
    assert (to_bytes(character) is None) == (character not in ALPHABET)


def test_both_pairs_of_names_are_found(tmp_path: Path, storyteller: Pair) -> None:
    source = Path(__file__).parents[2] / "models" / "storyteller"
    (tmp_path / "encoder.json").write_bytes((source / "vocab.json").read_bytes())
    (tmp_path / "vocab.bpe").write_bytes((source / "merges.txt").read_bytes())
    vocabulary = Vocabulary.of_folder(tmp_path)
    assert vocabulary.token_bytes == storyteller.ours.vocabulary.token_bytes
    assert vocabulary.merges == storyteller.ours.vocabulary.merges
    assert len(vocabulary) == 8192


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path, storyteller: Pair) -> None:
    source = Path(__file__).parents[2] / "models" / "storyteller"
    (tmp_path / "vocab.json").write_bytes(b"\xef\xbb\xbf" + (source / "vocab.json").read_bytes())
    (tmp_path / "merges.txt").write_bytes((source / "merges.txt").read_bytes().replace(b"\n", b"\r\n"))
    assert Vocabulary.of_folder(tmp_path).merges == storyteller.ours.vocabulary.merges


def test_the_end_token_comes_from_the_file(storyteller: Pair, gpt2: Pair, tmp_path: Path) -> None:
    assert storyteller.ours.vocabulary.end_token == 0
    assert gpt2.ours.vocabulary.end_token == 50256
    trained(tmp_path, 300, list(ALPHABET), [])
    assert Vocabulary.of_folder(tmp_path).end_token is None
    assert Tokenizer.of_folder(tmp_path).encode("<|endoftext|>", special=True) == read_by_tokenizers(
        tmp_path / "vocab.json", tmp_path / "merges.txt"
    )("<|endoftext|>")


@pytest.mark.parametrize("size", [256, 400, 1000])
def test_any_trained_vocabulary_gives_the_ids_of_tokenizers(tmp_path: Path, size: int) -> None:
    trained(tmp_path, size, list(ALPHABET), ["<|endoftext|>", "[PAD]"])
    ours = Tokenizer.of_folder(tmp_path)
    theirs = read_by_tokenizers(tmp_path / "vocab.json", tmp_path / "merges.txt")

    @given(texts.texts)
    @settings(deadline=None, max_examples=50)
    def check(text: str) -> None:
        assert ours.encode(text) == theirs(text)

    check()


def test_bytes_that_a_vocabulary_lacks_are_left_out_as_tokenizers_does(tmp_path: Path) -> None:
    trained(tmp_path, 400, [], ["<|endoftext|>"])
    ours = Tokenizer.of_folder(tmp_path)
    theirs = read_by_tokenizers(tmp_path / "vocab.json", tmp_path / "merges.txt")
    lacking = [byte for byte, token in enumerate(ours.vocabulary.byte_ids) if token is None]
    assert lacking

    @given(st.text(st.sampled_from("abXYZ Ω½é天\x0b\x0c\x16\n")))
    @settings(deadline=None, max_examples=100)
    def check(text: str) -> None:
        assert ours.encode(text) == theirs(text)
        assert ours.decode_bytes(ours.encode(text)) == bytes(byte for byte in text.encode() if byte not in lacking)
        assert 0.0 <= ours.single_byte_share(text) <= 1.0

    check()


def test_a_tokenizer_json_is_read_where_there_is_nothing_else(tmp_path: Path, storyteller: Pair) -> None:
    """Recent versions of transformers write no other file."""
    source = Path(__file__).parents[2] / "models" / "storyteller"
    theirs: Any = tokenizers.Tokenizer(
        tokenizers.models.BPE.from_file(str(source / "vocab.json"), str(source / "merges.txt"))
    )
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    theirs.add_special_tokens(["<|endoftext|>", "<|pad me|>"])
    theirs.save(str(tmp_path / "tokenizer.json"))
    vocabulary = Vocabulary.of_folder(tmp_path)
    assert vocabulary.merges == storyteller.ours.vocabulary.merges
    assert vocabulary.token_bytes == (*storyteller.ours.vocabulary.token_bytes, b"<|pad me|>")
    written = json.loads((tmp_path / "tokenizer.json").read_text("utf-8"))
    written["model"]["merges"] = [" ".join(merge) for merge in written["model"]["merges"]]  # as older versions write
    (tmp_path / "tokenizer.json").write_text(json.dumps(written), "utf-8")
    assert Vocabulary.of_folder(tmp_path).merges == vocabulary.merges


def test_what_transformers_saves_gives_the_ids_of_transformers(tmp_path: Path, storyteller: Pair) -> None:
    import transformers  # late: it takes long, and no other test here needs it

    source = Path(__file__).parents[2] / "models" / "storyteller"
    theirs = transformers.AutoTokenizer.from_pretrained(source)
    theirs.save_pretrained(tmp_path)
    ours = Tokenizer.of_folder(tmp_path)
    for text in texts.SAMPLES.values():
        assert ours.encode(text, special=True) == theirs(text)["input_ids"]


def test_added_tokens_beside_the_pair_have_their_texts(tmp_path: Path) -> None:
    trained(tmp_path, 300, list(ALPHABET), ["<|endoftext|>"])
    size = len(Vocabulary.of_folder(tmp_path))
    (tmp_path / "added_tokens.json").write_text(json.dumps({"<|a b|>": size + 1, "<|endoftext|>": 7}), "utf-8")
    vocabulary = Vocabulary.of_folder(tmp_path)
    assert list(vocabulary.token_bytes[size:]) == [b"", b"<|a b|>"]
    assert vocabulary.end_token == 0


DAMAGES: dict[str, tuple[str, bytes | None, str]] = {
    "a web page instead of tokens": ("vocab.json", b"<!DOCTYPE html><html>404</html>", "vocab.json is a web page"),
    "an error page instead of merges": ("merges.txt", b"<?xml version='1.0'?><Error/>", "merges.txt is a web page"),
    "tokens cut short": ("vocab.json", b'{"!": 0, "a', "vocab.json is cut short"),
    "an empty file": ("vocab.json", b"", "vocab.json is empty"),
    "an empty object": ("vocab.json", b"{}", "vocab.json is empty"),
    "a list": ("vocab.json", b'["a", "b"]', "vocab.json is not a vocabulary"),
    "words for ids": ("vocab.json", b'{"a": "b"}', "vocab.json is not a vocabulary"),
    "truth for an id": ("vocab.json", b'{"a": true}', "vocab.json is not a vocabulary"),
    "an id twice": ("vocab.json", b'{"a": 1, "b": 1}', "two of its tokens"),
    "a negative id": ("vocab.json", b'{"a": -1}', "its ids"),
    "an id out of reach": ("vocab.json", b'{"a": 1000000000000}', "its ids"),
    "no UTF-8": ("merges.txt", b"\xff\xfe\x00", "merges.txt is damaged"),
    "tokens in the place of merges": ("merges.txt", b'{"a": 1}', "merges.txt"),
    "three words a line": ("merges.txt", b"#version: 0.2\na b c\n", "number 1 is “a b c”"),
    "one word a line": ("merges.txt", b"[PAD]\n[UNK]\n", "number 1 is “\\[PAD\\]”"),
    "another model's merges": ("merges.txt", "Ġ xq\nx q\n".encode(), "do not belong together"),
    "CLIP's merges": ("merges.txt", b"#version: 0.2\nt h\nth e</w>\n", "not of a byte-level tokenizer"),
    "merges of parts that nothing makes": ("merges.txt", b"#version: 0.2\nst op\n", "not of a byte-level tokenizer"),
    "SentencePiece's merges": ("merges.txt", "▁ t\n▁t h\n".encode(), "not of a byte-level tokenizer"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    trained(tmp_path, 600, list(ALPHABET), ["<|endoftext|>"])
    return tmp_path


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_foreign_file_is_refused_in_a_sentence(folder: Path, damage: tuple[str, bytes, str]) -> None:
    name, data, sentence = damage
    (folder / name).write_bytes(data)
    with pytest.raises(FormatError, match=sentence) as refusal:
        Vocabulary.load(folder / "vocab.json", folder / "merges.txt")
    assert refusal.value.hint
    assert "\n" not in refusal.value.message


def test_merges_that_lost_their_end_are_refused(folder: Path) -> None:
    path = folder / "merges.txt"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:100]), "utf-8")
    with pytest.raises(FormatError, match=r"merges\.txt is cut short"):
        Vocabulary.of_folder(folder)


def test_every_cut_of_the_tokens_is_refused(folder: Path) -> None:
    path = folder / "vocab.json"
    data = path.read_bytes()
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        with pytest.raises(FormatError):
            Vocabulary.of_folder(folder)


def test_another_tokenizers_json_is_refused(folder: Path) -> None:
    (folder / "vocab.json").unlink()
    theirs: Any = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0}, unk_token="a"))
    theirs.save(str(folder / "tokenizer.json"))
    with pytest.raises(FormatError, match=r"tokenizer.json is of another tokenizer"):
        Vocabulary.of_folder(folder)
    for content in ("{}", "[]", '{"model": {"type": "BPE"}, "pre_tokenizer": {"type": "ByteLevel"}}'):
        (folder / "tokenizer.json").write_text(content, "utf-8")
        with pytest.raises(FormatError, match=r"tokenizer.json is not"):
            Vocabulary.of_folder(folder)
    for merges in ("1", '["a"]', '[["a", "b", "c"]]', "[[1, 2]]", "{}", "null"):
        (folder / "tokenizer.json").write_text(
            f'{{"model": {{"vocab": {{"a": 0}}, "merges": {merges}}}, "pre_tokenizer": {{"type": "ByteLevel"}}}}',
            "utf-8",
        )
        with pytest.raises(FormatError, match=r"tokenizer\.json is damaged"):
            Vocabulary.of_folder(folder)


@pytest.mark.parametrize(
    ("files", "lacking"),
    [
        ([], "nor tokenizer.json"),
        (["vocab.json"], "merges.txt is not"),
        (["merges.txt"], "vocab.json is not"),
        (["encoder.json"], "vocab.bpe is not"),
        (["vocab.bpe"], "encoder.json is not"),
    ],
)
def test_a_folder_without_a_vocabulary_says_what_lacks(tmp_path: Path, files: list[str], lacking: str) -> None:
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(NotFoundError, match=lacking):
        Vocabulary.of_folder(tmp_path)


def test_a_folder_or_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such folder"):
        Vocabulary.of_folder(tmp_path / "nowhere")
    with pytest.raises(NotFoundError, match=r"nothing\.json"):
        Vocabulary.load(tmp_path / "nothing.json", tmp_path / "nothing.txt")


def test_the_published_vocabulary_has_its_published_size() -> None:
    vocabulary = Vocabulary.of_folder(shared("gpt2-vocab"))
    assert len(vocabulary) == 50257
    assert len(vocabulary.merges) == 50000
    assert None not in vocabulary.byte_ids
