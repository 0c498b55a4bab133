"""Protocol buffers' wire format: numbered fields, and numbers of seven bits a byte.

Format: https://protobuf.dev/programming-guides/encoding. Readers raise ValueError where the bytes are none.
"""

from collections.abc import Iterator

Value = int | bytes
"""A number, or the bytes of a text or of a message in the message."""


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at *at*, and where it ends."""
    value = 0
    for position, octet in enumerate(data[at : at + 10]):
        value |= (octet & 0x7F) << 7 * position
        if octet < 0x80:
            return value, at + position + 1
    raise ValueError


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """Each field's number and value."""
    at = 0
    while at < len(message):
        tag, at = read_varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = read_varint(message, at)
            yield number, value
            continue
        if kind == 2:
            size, at = read_varint(message, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError
        piece = message[at : at + size]
        if len(piece) != size:
            raise ValueError
        yield number, piece if kind == 2 else int.from_bytes(piece, "little")
        at += size


def varint(value: int) -> bytes:
    """The number, seven bits a byte, the lowest first."""
    octets = bytearray()
    while value >= 0x80:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def number_field(number: int, value: int) -> bytes:
    """A field with a number in it; zero, which is what a missing field means, is left out."""
    return varint(number << 3) + varint(value) if value else b""


def fixed32_field(number: int, value: int) -> bytes:
    """A field with a number of four bytes."""
    return varint(number << 3 | 5) + value.to_bytes(4, "little")


def bytes_field(number: int, value: bytes) -> bytes:
    """A field with a text or a message in it."""
    return varint(number << 3 | 2) + varint(len(value)) + value
