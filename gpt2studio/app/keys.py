"""The keys that a person chose in the settings: which of them can be pressed, and what there is to tell of them."""

import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from gpt2studio.app.commands import BY_ID, COMMANDS, beside_writing, taker

_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
_NAMED = frozenset(key.value.rpartition("+")[2] for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())
_OTHER_NAMES = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown"}


def chosen_keys(written: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The person's keys by command, as Textual names them, and by command a clause on what cannot be used,
    or is used no more by another.

    A command whose keys are all unknown keeps its own; one that was given none has none.
    """
    usable: dict[str, str] = {}
    faults: dict[str, str] = {}
    for command, keys in written.items():
        if command not in BY_ID:
            near = get_close_matches(command, BY_ID, 1)
            meant = f"is it “{near[0]}”?" if near else "F1 lists them all"
            faults[command] = f"there is no command “{command}”; {meant}"
            continue
        known = {key: key_of(key) for key in keys.split(",") if key.strip()}
        written_with = {key for key in known.values() if key_to_character(key) and beside_writing(command)}
        good = [key for key in known.values() if key and key not in written_with]
        wrong = []
        if unknown := [f"“{key}”" for key, meant in known.items() if not meant]:
            wrong.append(f"there is no key {' and '.join(unknown)} for “{command}”")
        if typed := [f"“{key}”" for key, meant in known.items() if meant in written_with]:
            wrong.append(f"{' and '.join(typed)} {'is' if len(typed) == 1 else 'are'} for typing, not for “{command}”")
        if wrong:
            faults[command] = "; ".join([*wrong, *([] if good else [f"it keeps {BY_ID[command].keys or 'none'}"])])
        if good or not known:
            usable[command] = ",".join(good)
    for command, taken in _taken(usable).items():
        faults[command] = "; ".join(filter(None, [faults.get(command), *taken]))
    return usable, faults


def _taken(chosen: Mapping[str, str]) -> dict[str, list[str]]:
    """By command, a clause for each other that loses keys to it."""
    losses: dict[str, list[str]] = {}
    for command in COMMANDS:
        takers = {key: taker(key, command, chosen) for key in chosen.get(command.id, command.keys).split(",") if key}
        kept = ",".join(key for key, by in takers.items() if not by) or "none"
        for by in dict.fromkeys(filter(None, takers.values())):
            keys = " and ".join(f"“{key}”" for key, taken_by in takers.items() if taken_by == by)
            losses.setdefault(by, []).append(f"“{by}” takes {keys} from “{command.id}”, which keeps {kept}")
    return losses


def key_of(written: str) -> str:
    """The name under which Textual knows this key; empty where no keyboard has it: ``ctrl+zz``."""
    *modifiers, last = (part.strip() for part in written.split("+"))
    modifiers = [each.lower() for each in modifiers]
    if len(last) > 1 or modifiers:
        last = _OTHER_NAMES.get(last.lower(), last.lower())
    known = last in _NAMED or (last.isprintable() and len(last) == 1) or _has_character(last)
    return "+".join([*modifiers, last]) if known and _MODIFIERS.issuperset(modifiers) else ""


def _has_character(name: str) -> bool:
    """Whether it is a character's name, spelled as Textual spells it: ``question_mark``, ``hyphen_minus``."""
    words = name.replace("_", " ").upper()
    for each in (words, words.replace(" ", "-")):
        try:
            unicodedata.lookup(each)
        except KeyError:
            continue
        return True
    return False
