"""Text that is safe to show: what a terminal would obey is made visible instead."""

_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
_PICTURES[0x7F] = 0x2421
# The C1 controls: 0x9B alone begins a control sequence on some terminals.
_PICTURES.update(dict.fromkeys(range(0x80, 0xA0), 0xFFFD))
# Marks that reorder the text around them, and so can make it read as something else.
_PICTURES.update(dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD))


def visible(text: str) -> str:
    """*text* with control characters, all but newline and tab, as visible signs; as long as it was."""
    return text.translate(_PICTURES)
