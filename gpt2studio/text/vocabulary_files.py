"""Vocabulary files as they lie about: found in a folder, and read as they are written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gpt2studio.errors import FormatError, NotFoundError

_PAIRS: Final = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))
_ONE_FILE: Final = "tokenizer.json"
_ADDED: Final = "added_tokens.json"

_AGAIN: Final = "Copy or download it again from where the model came from."
_BYTE_LEVEL: Final = "The studio reads GPT-2's byte-level tokenizer, with any vocabulary."


@dataclass(frozen=True, slots=True)
class WrittenVocabulary:
    """What vocabulary files say, not yet checked against each other."""

    ids: Mapping[str, int]
    """The ids of tokens as the files write them, at least one."""
    merges: Sequence[Sequence[str]]
    """The pairs that merge, the first ones first."""
    ids_name: str
    merges_name: str


def find(folder: Path) -> WrittenVocabulary:
    """The vocabulary in a folder: ``vocab.json`` and ``merges.txt``, ``encoder.json`` and ``vocab.bpe``, or
    ``tokenizer.json`` (all that recent versions of transformers write).

    Raises NotFoundError, with what lacks.
    """
    for encoder, merges in _PAIRS:
        if (folder / encoder).is_file() and (folder / merges).is_file():
            pair = read_pair(folder / encoder, folder / merges)
            return _with_added(pair, folder / _ADDED)
    if (folder / _ONE_FILE).is_file():
        return read_one_file(folder / _ONE_FILE)
    raise NotFoundError(
        f"{folder} has no vocabulary: {_what_lacks(folder)}.",
        "Copy both files from the model that this one was made from (GPT-2's are the same for every size).",
    )


def read_pair(encoder: Path, merges: Path) -> WrittenVocabulary:
    """The vocabulary that two files write: ids by token as a JSON object, and a merge a line."""
    return WrittenVocabulary(_ids(_json(encoder), encoder.name), _merge_lines(merges), encoder.name, merges.name)


def read_one_file(path: Path) -> WrittenVocabulary:
    """The vocabulary in a ``tokenizer.json`` whose tokenizer does what GPT-2's does."""
    data = _json(path)
    model = data.get("model") if isinstance(data, dict) else None
    if not isinstance(model, dict):
        raise FormatError(f"{path.name} is not a tokenizer's file: it has no “model”.", _AGAIN)
    if not _is_byte_level(data, model):
        raise FormatError(f"{path.name} is of another tokenizer than GPT-2's.", _BYTE_LEVEL)
    ids = dict(_ids(model.get("vocab"), path.name))
    for added in data.get("added_tokens") or ():
        if isinstance(added, dict) and isinstance(added.get("content"), str) and type(added.get("id")) is int:
            ids.setdefault(added["content"], added["id"])
    merges_name = f"The list of merges in {path.name}"
    merges = _pairs(_listed_merges(model.get("merges"), path.name), merges_name)
    return WrittenVocabulary(ids, merges, path.name, merges_name)


def _listed_merges(merges: Any, name: str) -> list[list[str]]:
    """Merges as older files write them, “a b”, or as newer ones do, ["a", "b"]."""
    if isinstance(merges, list):
        listed = [merge.split(" ") if isinstance(merge, str) else merge for merge in merges]
        if all(isinstance(merge, list) and all(isinstance(part, str) for part in merge) for merge in listed):
            return listed
    raise FormatError(f"{name} is damaged: it has no list of merges.", _AGAIN)


def _is_byte_level(data: Mapping[str, Any], model: Mapping[str, Any]) -> bool:
    splitting = data.get("pre_tokenizer")
    return (
        model.get("type", "BPE") == "BPE"
        and isinstance(splitting, dict)
        and splitting.get("type") == "ByteLevel"
        and splitting.get("use_regex", True) is True
        and not data.get("normalizer")
        and not any(model.get(name) for name in ("continuing_subword_prefix", "end_of_word_suffix", "ignore_merges"))
    )


def _with_added(written: WrittenVocabulary, added: Path) -> WrittenVocabulary:
    if not added.is_file():
        return written
    ids = {**_ids(_json(added), added.name, may_be_empty=True), **written.ids}
    return WrittenVocabulary(ids, written.merges, written.ids_name, written.merges_name)


def _what_lacks(folder: Path) -> str:
    if not folder.is_dir():
        return "there is no such folder"
    for pair in _PAIRS:
        for here, lacking in (pair, pair[::-1]):
            if (folder / here).is_file():
                return f"{here} is there, but {lacking} is not"
    return "neither vocab.json and merges.txt, nor encoder.json and vocab.bpe, nor tokenizer.json are there"


def _ids(data: Any, name: str, *, may_be_empty: bool = False) -> Mapping[str, int]:
    if not isinstance(data, dict) or not all(type(token) is int for token in data.values()):
        raise FormatError(f"{name} is not a vocabulary: it should be an object of tokens and their ids.", _AGAIN)
    if not data and not may_be_empty:
        raise FormatError(f"{name} is empty.", _AGAIN)
    return data


def _merge_lines(path: Path) -> Sequence[Sequence[str]]:
    lines = _text(path).replace("\r\n", "\n").split("\n")
    return _pairs([line.split(" ") for line in lines if line and not line.startswith("#version")], path.name)


def _pairs(merges: Sequence[Sequence[str]], name: str) -> Sequence[Sequence[str]]:
    for number, merge in enumerate(merges, 1):
        if len(merge) != 2 or "" in merge:
            shown = " ".join(map(str, merge))[:40]
            raise FormatError(f"{name} is damaged: merge number {number} is “{shown}”, not two tokens.", _AGAIN)
    return merges


def _json(path: Path) -> Any:
    text = _text(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise FormatError(f"{path.name} is cut short or damaged: it is not JSON.", _AGAIN) from None


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"There is no vocabulary file {path}.", _AGAIN) from None
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{path.name} is damaged: it is not UTF-8 text.", _AGAIN) from None
    if not text.strip():
        raise FormatError(f"{path.name} is empty.", _AGAIN)
    if text.lstrip().startswith("<") and not text.startswith("< "):
        raise FormatError(f"{path.name} is a web page or an error page saved under that name.", _AGAIN)
    return text
