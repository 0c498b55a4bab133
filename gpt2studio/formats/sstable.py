"""LevelDB's sorted table: keys and values in blocks, each with its checksum.

Format: LevelDB's doc/table_format.md. TensorFlow keeps the index of a checkpoint in one, never compressed.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import AGAIN, map_file
from gpt2studio.formats.protobuf import read_varint, varint

FOOTER = 48
_MAGIC = 0xDB4775248B80FB57.to_bytes(8, "little")
_TRAILER = 5  # one byte: how it is compressed; four: the checksum of the block and that byte
_BLOCK = 4096


def looks_like_table(end: bytes) -> bool:
    """Whether a file that ends so is such a table."""
    return len(end) >= FOOTER and end.endswith(_MAGIC)


def read_table(path: Path) -> dict[bytes, bytes]:
    """Every key and its value, in order. Raises FormatError where a block is damaged."""
    data = bytes(map_file(path))
    if not looks_like_table(data):
        raise FormatError(f"{path} is damaged or cut short: it does not end as a checkpoint's index does.", AGAIN)
    entries: dict[bytes, bytes] = {}
    last = b""
    try:
        _, _, at = _handle(data, len(data) - FOOTER)
        offset, size, _ = _handle(data, at)
        for _, handle in _entries(_block(path, data, offset, size)):
            offset, size, _ = _handle(handle, 0)
            for key, value in _entries(_block(path, data, offset, size)):
                if entries and key <= last:
                    raise ValueError
                entries[key] = value
                last = key
    except (ValueError, IndexError):
        raise FormatError(f"{path} is damaged: its entries cannot be read.", AGAIN) from None
    return entries


def write_table(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The table of these entries, which come in the order of their keys."""
    table, index, block = bytearray(), bytearray(), bytearray()
    last = b""
    for key, value in entries:
        block += _entry(key, value)
        last = key
        if len(block) >= _BLOCK:
            index += _entry(last, _put(table, block))
            block.clear()
    if block:
        index += _entry(last, _put(table, block))
    handles = _put(table, bytearray()) + _put(table, index)
    return bytes(table) + handles.ljust(FOOTER - len(_MAGIC), b"\0") + _MAGIC


def masked(crc: int) -> int:
    """The checksum as LevelDB and TensorFlow write it, so that data with checksums in it can be checked as well."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def unmasked(crc: int) -> int:
    """The checksum from what LevelDB and TensorFlow write."""
    rotated = (crc - 0xA282EAD8) & 0xFFFFFFFF
    return (rotated >> 17 | rotated << 15) & 0xFFFFFFFF


def _handle(data: bytes, at: int) -> tuple[int, int, int]:
    """A block's offset and size, and where the handle ends."""
    offset, at = read_varint(data, at)
    size, at = read_varint(data, at)
    return offset, size, at


def _block(path: Path, data: bytes, offset: int, size: int) -> bytes:
    end = offset + size
    if end + _TRAILER > len(data):
        raise FormatError(f"{path} is damaged: a part of it should be beyond its end.", AGAIN)
    crc = int.from_bytes(data[end + 1 : end + _TRAILER], "little")
    if _checksum(data[offset : end + 1]) != crc:
        raise FormatError(f"{path} is damaged: a part of it does not have its checksum.", AGAIN)
    if data[end] != 0:
        raise FormatError(f"{path} is compressed, which TensorFlow's checkpoints never are.", AGAIN)
    return data[offset:end]


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values; a key is told as what it shares with the one before, and the rest."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise ValueError
    key, at = b"", 0
    while at < end:
        shared, at = read_varint(block, at)
        rest, at = read_varint(block, at)
        size, at = read_varint(block, at)
        if shared > len(key) or at + rest + size > end:
            raise ValueError
        key = key[:shared] + block[at : at + rest]
        yield key, block[at + rest : at + rest + size]
        at += rest + size


def _entry(key: bytes, value: bytes) -> bytes:
    return varint(0) + varint(len(key)) + varint(len(value)) + key + value


def _put(table: bytearray, entries: bytearray) -> bytes:
    """Append the block of these entries; its handle."""
    # One restart point, at 0: readers that search by halves fall back to walking the whole block.
    block = bytes(entries) + (0).to_bytes(4, "little") + (1).to_bytes(4, "little")
    handle = varint(len(table)) + varint(len(block))
    table += block + b"\0" + _checksum(block + b"\0").to_bytes(4, "little")
    return handle


def _checksum(data: bytes) -> int:
    from gpt2studio.formats.crc32c import crc32c

    return masked(crc32c(data))
