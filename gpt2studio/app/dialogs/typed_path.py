"""What a typed path means: the folders in it, the part of a name at its end, the place on disk."""

import os
from pathlib import Path

from textual.content import Content


def parted(typed: str) -> tuple[str, str]:
    """What is typed: folders up to the last slash, and a part of a name."""
    text = typed.strip(" ") if typed[:1] in " \"'" else typed
    text = text.strip("'\"")  # as a terminal puts it there when a file is dropped into it
    cut = max(text.rfind("/"), text.rfind(os.sep)) + 1
    folder, part = text[:cut], text[cut:]
    if part == ".." or text == "~":
        folder, part = f"{text}/", ""
    return folder, part


def place_of(typed: str, base: Path) -> Path:
    """The folder that a typed path is about, one that starts nowhere else being below *base*."""
    folder, _ = parted(typed)
    try:
        return Path(os.path.normpath(base / Path(folder).expanduser()))
    except RuntimeError:  # ~nobody
        return base / folder


def from_the_right(text: str, cells: int) -> str:
    """The text's end where there is no room for all of it: a path's last folders tell most."""
    while Content(text).cell_length > cells:
        text = "…" + text[2:]
    return text
