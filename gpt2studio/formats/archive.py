"""A ``.tar`` from elsewhere, unpacked without harm: plain files alone, none outside, no more than there is room for."""

import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.formats.room import check_room

try:
    from lzma import LZMAError
except ImportError:  # a Python that was built without it; tarfile says so of an .xz
    LZMAError = zlib.error  # type: ignore[misc,assignment]

_MOST = 100_000
"""Members of an archive: more, and it is neither a model nor a run."""
_AGAIN = "Pack or copy it again."
_DAMAGE = (tarfile.TarError, EOFError, ValueError, zlib.error, LZMAError)
"""What reading a damaged archive raises: each way of compressing has its own; what it says as an OSError, apart."""


def looks_like_tar(path: Path) -> bool:
    """Whether the file is a ``.tar``, compressed or not."""
    try:
        return path.is_file() and tarfile.is_tarfile(path)
    except (OSError, *_DAMAGE):
        return False


def unpack(archive: Path, folder: Path, watch: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Unpack the files into *folder*; *watch* is told how many bytes are done, and how many there are in all.

    Raises NotFoundError where there is no such file, FormatError where it is damaged or holds a link or a name that
    leads out, StudioError where there is no room for it.
    """
    if not archive.is_file():
        raise NotFoundError(f"There is no file {archive}.", "Check the path.")
    if not looks_like_tar(archive):
        raise FormatError(f"{archive} cannot be unpacked: it is no .tar file.", _AGAIN)
    try:
        with tarfile.open(archive) as tar:
            members = _members(archive, tar)
            total = sum(member.size for member in members)
            check_room(folder, total)
            done = 0
            for member in members:
                _extract(tar, member, folder)
                done += member.size
                watch(done, total)
            _read_to_end(archive, tar)
    except _DAMAGE as error:
        raise FormatError(f"{archive} is damaged: {error}.", _AGAIN) from None
    except OSError as error:
        raise FormatError(f"{archive} cannot be unpacked: {error.strerror or error}.", _AGAIN) from None


def _members(archive: Path, tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """Its files, each checked."""
    members = []
    for count, member in enumerate(tar):
        if count >= _MOST:
            raise FormatError(f"{archive} has more than {_MOST:,} files in it.", "Do not trust it.")
        if member.isdir():
            continue
        if not member.isfile():
            raise FormatError(f"{archive} has a link or a device in it, “{member.name}”.", "Do not trust it.")
        if not _stays_inside(member.name):
            raise FormatError(f"{archive} names a file outside itself, “{member.name}”.", "Do not trust it.")
        members.append(member)
    return members


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (
        bool(parts) and not name.startswith("/") and not any(part == ".." or set(part) & set("\\:\0") for part in parts)
    )


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    target = folder / PurePosixPath(member.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None
    with source, target.open("xb") as file:
        while piece := source.read(1 << 22):
            file.write(piece)


def _read_to_end(archive: Path, tar: tarfile.TarFile) -> None:
    """Read what comes after the last member, which tarfile does not: a compressed file has its checksum there.

    A header that is damaged is an end to tarfile as well; a real one is zeros.
    """
    stream = tar.fileobj
    assert stream is not None
    stream.seek(tar.offset)
    if any(stream.read(tarfile.BLOCKSIZE)):
        raise FormatError(f"{archive} is damaged: not all that is in it can be read.", _AGAIN)
    while stream.read(1 << 22):
        pass
