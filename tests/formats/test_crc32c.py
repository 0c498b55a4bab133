import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.formats.crc32c import crc32c
from gpt2studio.formats.sstable import masked, unmasked


def divided(octet: int) -> int:
    """The definition: division of polynomials, one bit after the other."""
    for _ in range(8):
        octet = octet >> 1 ^ (0x82F63B78 if octet & 1 else 0)
    return octet


TABLE = [divided(octet) for octet in range(256)]


def byte_by_byte(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for octet in data:
        crc = crc >> 8 ^ TABLE[(crc ^ octet) & 0xFF]
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        # RFC 3720, B.4
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(reversed(range(32))), 0x113FDB5C),
    ],
)
def test_known_checksums_come_out(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


@given(st.binary(max_size=300))
def test_short_data_agree_with_the_definition(data: bytes) -> None:
    assert crc32c(data) == byte_by_byte(data)


# 54,216 bytes are what the strides leave over; 50,344 is the shortest stride.
@pytest.mark.parametrize("length", [54_215, 54_216, 54_217, 54_223, 54_224, 54_225, 104_567, 108_433])
def test_long_data_agree_with_the_definition(length: int) -> None:
    data = np.random.default_rng(length).bytes(length)
    assert crc32c(data) == byte_by_byte(data)


def test_data_of_several_segments_agree_with_the_definition() -> None:
    data = np.random.default_rng(0).bytes((8 << 20) + 12_345)
    assert crc32c(data) == byte_by_byte(data)


@given(st.integers(0, 0xFFFFFFFF))
def test_masking_is_undone(crc: int) -> None:
    assert unmasked(masked(crc)) == crc
