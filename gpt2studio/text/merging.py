"""Byte-pair merging: the bytes of one pre-token joined into tokens, lowest rank first (Sennrich et al., 2016)."""

from array import array
from collections import defaultdict
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Final

from gpt2studio.text.vocabulary import Vocabulary

_NONE: Final = 1 << 60
"""The rank of a pair that does not merge."""

_SHORT: Final = 48
"""Up to so many bytes, scanning for the lowest rank beats keeping an order (measured)."""


class Merger:
    """The merges of one vocabulary, ready to apply."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._single = vocabulary.byte_ids
        self._joined = list(vocabulary.merges.values())
        # The ranks of pairs by their left token, then by their right one: quicker than by pairs, which are made anew.
        nothing: dict[int, int] = {}
        self._ranks = [nothing] * len(vocabulary)
        for rank, (left, right) in enumerate(vocabulary.merges):
            if self._ranks[left] is nothing:
                self._ranks[left] = {}
            self._ranks[left][right] = rank
        self.steps = 0
        """Candidate pairs looked at in long pre-tokens since the start: a measure of the work."""

    def merge(self, data: bytes) -> list[int]:
        """The tokens of one pre-token; bytes that the vocabulary has no token for are left out.

        Of pairs of equal rank the leftmost is joined first. For n bytes about n steps where the merges stand in the
        order they were learned, as in every trained vocabulary.
        """
        ids = [token for token in map(self._single.__getitem__, data) if token is not None]
        return self._short(ids) if len(ids) <= _SHORT else self._long(ids)

    def _ranks_of(self, ids: list[int]) -> list[int]:
        """The rank of every token with the one after it; the last has none."""
        ranks_after = self._ranks
        ranks = [ranks_after[left].get(right, _NONE) for left, right in pairwise(ids)]
        ranks.append(_NONE)
        return ranks

    def _short(self, ids: list[int]) -> list[int]:
        ranks_after, ranks = self._ranks, self._ranks_of(ids)
        while (lowest := min(ranks)) != _NONE:
            at = ranks.index(lowest)
            joined = ids[at] = self._joined[lowest]
            del ids[at + 1], ranks[at]
            if at:
                ranks[at - 1] = ranks_after[ids[at - 1]].get(joined, _NONE)
            ranks[at] = ranks_after[joined].get(ids[at + 1], _NONE) if at + 1 < len(ids) else _NONE
        return ids

    def _long(self, ids: list[int]) -> list[int]:
        chain = _Chain(ids, self._ranks_of(ids))
        while chain.waiting:
            rank = heappop(chain.waiting)
            places = chain.places.pop(rank)
            places.sort(reverse=True)  # taken from the end: the leftmost first
            before = len(places)
            self._join(chain, rank, places)
            self.steps += before - len(places)
            if places:  # a join made a pair of lower rank: that one goes first
                chain.add(rank, *places)
        return [token for token in ids if token >= 0]

    def _join(self, chain: "_Chain", rank: int, places: list[int]) -> None:
        """Join the pairs of one rank at the places, taking places away, until a join makes a pair of lower rank."""
        ids, ranks, following, preceding = chain.ids, chain.ranks, chain.following, chain.preceding
        ranks_after, joined, end, lowest = self._ranks, self._joined[rank], len(ids), _NONE
        while places and lowest >= rank:
            at = places.pop()
            if ranks[at] != rank:  # an earlier join took one of the two
                continue
            right = following[at]
            after = following[at] = following[right]
            ids[at], ids[right] = joined, -1
            ranks[at] = ranks[right] = _NONE
            if after < end:
                preceding[after] = at
                new = ranks[at] = ranks_after[joined].get(ids[after], _NONE)
                if new != _NONE:
                    chain.add(new, at)
                    lowest = min(lowest, new)
            left = preceding[at]
            if left >= 0:
                new = ranks[left] = ranks_after[ids[left]].get(joined, _NONE)
                if new != _NONE:
                    chain.add(new, left)
                    lowest = min(lowest, new)


class _Chain:
    """A long pre-token while it is merged: tokens linked to their neighbours, candidate pairs filed by their rank."""

    def __init__(self, ids: list[int], ranks: list[int]) -> None:
        self.ids = ids
        self.ranks = ranks
        # Arrays, not lists: the numbers of four million bytes as Python objects would take a quarter of a gigabyte.
        self.following = array("i", range(1, len(ids) + 1))
        self.preceding = array("i", range(-1, len(ids) - 1))
        self.places: defaultdict[int, list[int]] = defaultdict(list)
        for at, rank in enumerate(ranks):
            if rank != _NONE:
                self.places[rank].append(at)
        self.waiting = list(self.places)
        heapify(self.waiting)

    def add(self, rank: int, *places: int) -> None:
        if rank not in self.places:
            heappush(self.waiting, rank)
        self.places[rank] += places
