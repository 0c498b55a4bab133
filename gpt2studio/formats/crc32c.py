"""The checksum CRC-32C (Castagnoli, RFC 3720), several gigabytes a second in numpy.

A CRC is the remainder of the data, read as a polynomial over GF(2), divided by P. Two facts make it fast without
a loop over bytes. P divides x^6777 + x^484 + x^100 + 1, and so (squaring six times) the same with every exponent
times 64: a 64-bit word may be struck out when it is added, by exclusive or, to the words 6293, 6677 and 6777
further on, and 6293 neighbours may be struck out at once. What is left over, 54 kB, is halved again and again:
two neighbours become one by moving the left one over the right one, modulo P, which is a table of its bytes.
(The first idea: S. Russell, "Chorba: A novel CRC32 implementation", arXiv:2412.16398.)
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78  # P without its x^32, the coefficient of x^31 in the lowest bit, as everywhere here
_STRIDES = (6293, 6677, 6777)
_SEGMENT = 8 << 20

Words = NDArray[np.uint32]


def crc32c(data: memoryview | bytes) -> int:
    """The checksum of these bytes."""
    octets = np.frombuffer(data, dtype=np.uint8)
    state = 0xFFFFFFFF
    for start in range(0, len(octets), _SEGMENT):
        segment = octets[start : start + _SEGMENT]
        state = _moved(state, len(segment)) ^ _remainder(segment)
    return state ^ 0xFFFFFFFF


def _remainder(octets: NDArray[np.uint8]) -> int:
    """The data times x^32, modulo P."""
    padding = -len(octets) % 8  # zeros in front change nothing
    words = np.empty((padding + len(octets)) // 8, dtype="<u8")
    bytewise = words.view(np.uint8)
    bytewise[:padding] = 0
    bytewise[padding:] = octets
    return int(_over(_halved(_folded(words).view("<u4")), 2)[0])


def _folded(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """As few words as the strides allow, with the same remainder; *words* is worked in."""
    near, middle, far = _STRIDES
    end = len(words) - far
    for start in range(0, end, near):
        stop = min(start + near, end)
        struck = words[start:stop]
        for stride in (near, middle, far):
            words[start + stride : stop + stride] ^= struck
    return words[max(end, 0) :]


def _halved(words: Words) -> Words:
    """One word with the same remainder."""
    power = 2  # a word is 2^2 bytes
    while len(words) > 1:
        if len(words) % 2:
            words = np.concatenate([np.zeros(1, words.dtype), words])
        words = _over(words[::2], power) ^ words[1::2]
        power += 1
    return words


def _moved(value: int, count: int) -> int:
    """The value times x^(8 · count), modulo P: as if so many zero bytes followed."""
    word = np.array([value], dtype="<u4")
    for power in range(count.bit_length()):
        if count >> power & 1:
            word = _over(word, power)
    return int(word[0])


def _over(words: Words, power: int) -> Words:
    """Each word times x^(8 · 2^power), modulo P."""
    octets = np.ascontiguousarray(words).view(np.uint8).reshape(-1, 4)
    first, second, third, fourth = _tables(power)
    moved: Words = first[octets[:, 0]] ^ second[octets[:, 1]] ^ third[octets[:, 2]] ^ fourth[octets[:, 3]]
    return moved


@cache
def _tables(power: int) -> Words:
    """What each of a word's four bytes becomes, times x^(8 · 2^power), modulo P. (4, 256)"""
    bits = np.uint32(1) << np.arange(32, dtype="<u4")
    if power:
        images = _over(_over(bits, power - 1), power - 1)
    else:
        images = bits
        for _ in range(8):
            images = np.where(images & 1, images >> 1 ^ _POLYNOMIAL, images >> 1).astype("<u4")
    tables = np.zeros((4, 256), dtype="<u4")
    for bit in range(8):
        chosen = np.arange(256) >> bit & 1 == 1
        tables[:, chosen] ^= images.reshape(4, 8)[:, bit, None]
    return tables
