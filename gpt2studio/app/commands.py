"""Every command of the studio, once: key bindings, the palette and the help screen are made from this table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a person can ask the studio to do."""

    id: str
    """As settings.toml and the action that does it are called: ``action_<id>``."""
    keys: str
    """The keys that do it unless a person chose others, with commas between; none: the palette alone."""
    label: str
    help: str
    """One sentence."""
    group: str
    footer: bool = False
    """Whether the footer has room for it."""


WRITING, HISTORY, STORIES, VIEW = "Writing", "Undo and branches", "Stories", "The studio"
STOCKING = "On the Models screen"
TRAIN = "On the Train screen"

COMMANDS = (
    Command("continue", "ctrl+j,f5", "Continue", "The model goes on; while it writes: stop.", WRITING, True),
    Command("stop", "escape", "Stop", "Stop the model within a token, keeping what came.", WRITING, True),
    Command("retry", "ctrl+r,f6", "Retry", "Another continuation; the old one stays as a branch.", WRITING, True),
    Command("candidates", "ctrl+g,f7", "Candidates", "Several continuations to choose among.", WRITING),
    Command("token", "f8", "One token", "Exactly one token, and what else could come next.", WRITING),
    Command("mine", "alt+m", "Is this mine?", "Does what is selected stand in your own texts, and where?", WRITING),
    Command("source", "alt+s", "Open the source", "Where the stitched word at the cursor was copied from.", WRITING),
    Command("switch", "tab", "Switch", "From the manuscript to the prompt line and back.", WRITING),
    Command("find_text", "ctrl+f", "Find and replace", "Look for words or a pattern, and put others there.", WRITING),
    Command("select_all", "", "Select all", "Select the whole text.", WRITING),
    Command("undo", "ctrl+z", "Undo", "Take the last step back; a continuation is one step.", HISTORY),
    Command("redo", "ctrl+y", "Redo", "Do again what was taken back.", HISTORY),
    Command("sibling_previous", "alt+up", "Previous branch", "The continuation before this one.", HISTORY),
    Command("sibling_next", "alt+down", "Next branch", "The continuation after this one.", HISTORY),
    Command("parent", "alt+left", "Parent branch", "Back to before the last continuation.", HISTORY),
    Command("child", "alt+right", "Child branch", "On to the continuation that was here last.", HISTORY),
    Command("tree", "f10,alt+t", "Branches", "The tree of all branches: go, name, compare, throw away.", HISTORY),
    Command("new", "ctrl+n", "New story", "An empty page, at once; this story stays as it is.", STORIES),
    Command("open", "ctrl+o", "Open a story", "Choose among your stories.", STORIES),
    Command("save", "ctrl+s", "Save", "Save the file; a story saves itself, and its text is exported.", STORIES),
    Command("export", "", "Export the story", "As text, Markdown, JSON, or a page with the map.", STORIES),
    Command("reload", "", "Reload the file", "Take in what another program made of it; undo takes it back.", STORIES),
    Command("rename", "", "Rename the story", "Give the story another title.", STORIES),
    Command("sampling", "ctrl+l", "Sampling", "How the next token is chosen.", VIEW, True),
    Command("inspect", "ctrl+t", "Inspect a token", "What else could stand at the cursor, and how it was drawn.", VIEW),
    Command("sent", "", "What was sent", "The exact text that the model read, and with what sampling.", VIEW),
    Command("hold", "", "Memory and note", "Text that the model always reads beside the story.", VIEW),
    Command("surprise", "f9", "Surprise map", "Shade every word, yours too, by how surprising it was.", VIEW),
    Command("surprise_measure", "shift+f9", "Surprise by…", "Probability, rank, or entropy on the map.", VIEW),
    Command("leave", "escape", "Back", "From a pane back to the page.", VIEW),
    Command("docks", "", "Show or hide the docks", "More room for the text on a wide screen.", VIEW),
    Command("write", "f2", "Write", "The manuscript.", VIEW, True),
    Command("models", "f3", "Models", "The models at hand, and which one writes.", VIEW, True),
    Command("serve", "", "Serve this model", "A page in the browser, on which friends write with it.", VIEW),
    Command("train", "f4", "Train", "Fine-tuning runs: watch them, steer them.", VIEW, True),
    Command("palette", "ctrl+p", "Palette", "Every command and theme, by typing a part of its name.", VIEW),
    Command("help", "f1", "Help", "All keys on one page.", VIEW, True),
    Command("quit", "ctrl+q", "Quit", "Leave at once; nothing is lost.", VIEW),
    Command("use", "enter", "Use", "Have the model in view write from now on.", STOCKING, True),
    Command("find", "d,slash", "Download", "Fetch a published GPT-2, or any that the hub has.", STOCKING, True),
    Command("bring", "i", "Import", "Copy a model in, in any format that can be read.", STOCKING, True),
    Command("index_texts", "a", "Index texts", "Texts of yours that can write, and lend their style.", STOCKING),
    Command("texts", "o", "Texts of an index", "What the index in view is made of; take a text out.", STOCKING),
    Command("take_out", "e", "Export", "Write the model for other programs.", STOCKING, True),
    Command("verify", "v", "Verify", "Read every byte of the model: is it whole?", STOCKING),
    Command("name_model", "r", "Rename", "Give the model another name.", STOCKING),
    Command("note_model", "n", "Note", "Keep some words with the model.", STOCKING),
    Command("remove", "delete", "Remove", "Take away the model, or the work in view; asks first.", STOCKING, True),
    Command("family", "t", "Family", "Put models below those that they were made from, or not.", STOCKING),
    Command("pause_job", "p", "Pause work", "Pause a download, or go on with it.", STOCKING),
    Command("stop_job", "x", "Stop work", "Stop a download, an import, an export or a check.", STOCKING),
    Command("look_again", "ctrl+r,f5", "Look again", "Look what models are at hand now.", STOCKING),
    Command("new_run", "n", "New run", "Fine-tune a model on your texts.", TRAIN, True),
    Command("pause", "p", "Pause", "The run waits, its weights in memory; you can write with them.", TRAIN, True),
    Command("go_on", "p", "Go on", "End the pause.", TRAIN, True),
    Command("resume", "r", "Resume", "A run that has ended goes on from its last checkpoint.", TRAIN, True),
    Command(
        "write_with", "w", "Write with it", "Its model writes: while it runs, with its weights of now.", TRAIN, True
    ),
    Command("sample_now", "g", "Sample", "The model as it stands writes its samples.", TRAIN, True),
    Command("save_now", "s", "Save", "Save a checkpoint now.", TRAIN),
    Command("stop_run", "x", "Stop", "Save a checkpoint and end; it can be resumed.", TRAIN, True),
    Command("change_rate", "l", "Learning rate", "Another learning rate from now on.", TRAIN),
    Command("remove_run", "d,delete", "Remove the run", "Take a run and its checkpoints away for good.", TRAIN),
    Command("sample_previous", "left_square_bracket", "Earlier sample", "What it wrote before.", TRAIN),
    Command("sample_next", "right_square_bracket", "Later sample", "What it wrote after that.", TRAIN),
    Command("open_sample", "o", "Open the sample", "Begin a story with it.", TRAIN),
    Command("log_axis", "y", "Log axis", "Equal heights for equal ratios of the loss, and back.", TRAIN),
    Command("zoom", "z", "Zoom", "The last quarter of the steps, the last sixteenth, all of them.", TRAIN),
    Command("run_log", "v", "Log or samples", "The log in place of the samples on a narrow screen.", TRAIN),
    Command("begin_run", "b", "Begin now", "The run in view begins at once, whatever else is under way.", TRAIN, True),
    Command("queue_run", "a", "Queue", "The run in view waits until the others have ended; or no longer.", TRAIN),
    Command("queue_first", "f", "Be next", "Of the runs that wait, the one in view is the next.", TRAIN, True),
    Command("compare", "c", "Compare", "Two runs in one chart; Space marks them.", TRAIN),
)

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}

EVERYWHERE = ("write", "models", "serve", "train", "palette", "help", "quit")
"""The commands that work on every screen."""

TRAINING: tuple[str, ...] = tuple(command.id for command in COMMANDS if command.group == TRAIN)
"""The commands of the Train screen."""

STOCK = tuple(command.id for command in COMMANDS if command.group == STOCKING)
"""The commands of the Models screen."""

_ELSEWHERE = (*EVERYWHERE, *TRAINING, *STOCK)


def bindings(*ids: str) -> list[Binding]:
    """The bindings of these commands; of all that belong to the Write screen alone where none are named."""
    chosen = ids or tuple(command.id for command in COMMANDS if command.id not in _ELSEWHERE)
    return [
        Binding(
            command.keys or _unbound(command.id),
            command.id,
            command.label,
            show=command.footer,
            priority=True,
            tooltip=command.help,
            id=command.id,
        )
        for command in COMMANDS
        if command.id in chosen
    ]


def keymap(chosen: Mapping[str, str]) -> dict[str, str]:
    """The keys that are not the studio's own, as Textual takes them up: none is a key that there is not.

    Textual takes a key that moves from every command that had it: one that shares it with the mover is named again.
    """
    force = {command: ",".join(keys) for command, keys in keys_in_force(chosen)}
    moved = {key for command, keys in force.items() if keys != command.keys for key in command.keys.split(",")}
    return {
        command.id: keys or _unbound(command.id)
        for command, keys in force.items()
        if keys != command.keys or (keys and not moved.isdisjoint(command.keys.split(",")))
    }


def keys_in_force(chosen: Mapping[str, str]) -> Iterator[tuple[Command, tuple[str, ...]]]:
    """Every command with the keys that it has now: a key that a person gave to one command is taken from others."""
    for command in COMMANDS:
        keys = chosen.get(command.id, command.keys).split(",")
        yield command, tuple(key for key in keys if key and not taker(key, command, chosen))


def taker(key: str, command: Command, chosen: Mapping[str, str]) -> str:
    """The command that a person gave this key which *command* would have; of several the last. Empty: none."""
    having = [id for id, keys in chosen.items() if key in keys.split(",")]
    having = having[having.index(command.id) + 1 :] if command.id in having else having
    return next((id for id in reversed(having) if id in BY_ID and _rivals(BY_ID[id], command)), "")


def _rivals(one: Command, other: Command) -> bool:
    """Whether a key can be only one's of these: they work on the same screen, and not by turns, as who share a key."""
    together = _screen(one) == _screen(other) or one.id in EVERYWHERE or other.id in EVERYWHERE
    by_turns = set(filter(None, one.keys.split(","))) & set(other.keys.split(","))
    return together and not by_turns and one is not other


def _screen(command: Command) -> str:
    return command.group if command.group in (STOCKING, TRAIN) else WRITING


def beside_writing(command: str) -> bool:
    """Whether it works where a person writes, so that a key that is typed into the text cannot do it."""
    return _screen(BY_ID[command]) == WRITING


def on_keyboard(key: str) -> bool:
    """Whether this key can be pressed; the one of a command without any cannot."""
    return not key.startswith(_UNBOUND)


def key_name(key: str) -> str:
    """A key as people read it: ``Ctrl+J``, ``F5``, ``Alt+↑``; a letter alone as it is typed, for ``v`` is not ``V``."""
    if len(key) == 1:
        return key
    return "+".join(_NAMES.get(part, part.upper() if len(part) < 4 and part[0] == "f" else part.capitalize())
                    for part in key.split("+"))  # fmt: skip


def _unbound(command: str) -> str:
    """A key that no keyboard has: a binding needs one before a person can put another in its place."""
    return f"{_UNBOUND}{command}"


_UNBOUND = "unbound_"

_NAMES = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "escape": "Esc",
    "slash": "/",
    "delete": "Del",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}
