"""Bars: a share of a row of terminal cells, drawn finer than a cell."""


def line(share: float, cells: int) -> str:
    """A heavy line over that share of the cells, in halves of a cell; a share above nothing shows."""
    halves = _parts(share, cells * 2)
    return "━" * (halves // 2) + "╸" * (halves % 2)


def _parts(share: float, parts: int) -> int:
    """That share of so many parts; more than nothing is at least one part, less than all at most all but one."""
    if not share > 0 or parts <= 0:  # also not-a-number
        return 0
    if share >= 1:
        return parts
    return min(max(round(share * parts), 1), max(parts - 1, 1))
