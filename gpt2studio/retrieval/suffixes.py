"""The suffix array of a sequence of tokens: where each of its suffixes begins, the suffixes in their order."""

from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int32]
Tokens = NDArray[np.uint16] | NDArray[np.uint32]

COMPILED = find_spec("pydivsufsort") is not None
"""Whether the compiled builder is at hand: two to three times as fast, and far faster where long parts repeat."""


def suffix_array(tokens: Tokens, *, compiled: bool = COMPILED) -> Places:
    """The places of *tokens*, in the order of the suffixes that begin there.

    A suffix that another one begins with stands before it. At most 2**31 - 1 tokens.
    """
    if len(tokens) < 2:
        return np.arange(len(tokens), dtype=np.int32)
    if compiled:
        divsufsort = import_module("pydivsufsort").divsufsort
        return np.asarray(divsufsort(np.ascontiguousarray(tokens)), dtype=np.int32)
    return _doubled(tokens)


def _doubled(tokens: Tokens) -> Places:
    """Prefix doubling (Manber, Myers 1990); only what is not told apart is sorted again (Larsson, Sadakane 1999)."""
    keys, depth = _first_keys(tokens)
    order = np.argsort(keys).astype(np.int32)
    rank = np.empty(len(tokens), dtype=np.int32)
    # Where in `order` suffixes stand whose order is still open, in groups that look alike so far.
    open_places = _settle(order, keys[order], np.arange(len(tokens)), rank)
    del keys
    while len(open_places):
        suffixes = order[open_places]
        follow = suffixes.astype(np.int64) + depth
        after = np.where(follow < len(tokens), rank[np.minimum(follow, len(tokens) - 1)], -1).astype(np.int64)
        pairs = (rank[suffixes].astype(np.int64) << 32) + after + 1
        sorting = np.argsort(pairs)
        order[open_places] = suffixes[sorting]
        open_places = _settle(suffixes[sorting], pairs[sorting], open_places, rank)
        depth *= 2
    return order


def _first_keys(tokens: Tokens) -> tuple[NDArray[np.int64], int]:
    """A number for each suffix that sorts as its first tokens do, and how many tokens it stands for."""
    bits = (int(tokens.max()) + 1).bit_length()
    depth = min(63 // bits, len(tokens))
    keys = np.zeros(len(tokens), dtype=np.int64)
    wide = tokens.astype(np.int64) + 1  # 0 is what follows the end
    for ahead in range(depth):
        keys <<= bits
        keys[: len(tokens) - ahead] |= wide[ahead:]
    return keys, depth


def _settle(suffixes: Places, keys: NDArray[np.int64], places: NDArray[np.intp], rank: Places) -> NDArray[np.intp]:
    """Rank *suffixes*, sorted by *keys*, that stand at *places* of the order; the places that are still open.

    Equal keys get one rank: the place of the first of them.
    """
    first = np.empty(len(keys), dtype=np.bool_)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    sizes = np.diff(starts, append=len(keys))
    rank[suffixes] = np.repeat(places[starts], sizes)
    return places[np.repeat(sizes > 1, sizes)]
