"""The list of texts that an index keeps, as a file: light to read, for those who only tell of indexes."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.files import write_whole
from gpt2studio.paths import Places

MANIFEST = "index.json"
VERSION = 1

AGAIN = "Remove its folder, and index the texts again."


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that an index keeps."""

    name: str
    """What sources call it."""
    file: str
    """Where its copy lies, in the index's folder."""
    key: str
    """The hash of its content."""
    size: int
    """Bytes of UTF-8."""
    characters: int


def read_list(folder: Path) -> list[Kept]:
    """What the index in a folder keeps.

    Raises NotFoundError where there is none, FormatError where its list is damaged.
    """
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(
            f"There is no index “{folder.name}”.", "Make one: gpt2studio index TEXTS… --name NAME"
        ) from None
    except OSError as error:
        raise FormatError(f"The list of the index “{folder.name}” cannot be read: {error.strerror}.", AGAIN) from None
    except ValueError as error:
        raise FormatError(f"The list of the index “{folder.name}” is damaged: {error}.", AGAIN) from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise FormatError(f"The index “{folder.name}” was made by another version of the studio.", AGAIN)
    try:
        return [Kept(**each) for each in data["texts"]]
    except (KeyError, TypeError):
        raise FormatError(f"The list of the index “{folder.name}” is damaged.", AGAIN) from None


def write_list(folder: Path, kept: Sequence[Kept]) -> None:
    """Have the index keep these, from now on."""
    manifest = {"version": VERSION, "texts": [asdict(each) for each in kept]}
    write_whole(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())


def indexes(places: Places) -> list[str]:
    """The names of a person's indexes."""
    return sorted(path.parent.name for path in places.indexes.glob(f"*/{MANIFEST}"))
