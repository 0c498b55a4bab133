"""The commands and their options."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from gpt2studio import __version__
from gpt2studio.cli.model_options import add_models
from gpt2studio.cli.stage_options import add_stages
from gpt2studio.cli.training_options import add_runs, add_train
from gpt2studio.errors import UsageError
from gpt2studio.settings import DTYPES

Run = Callable[[argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: where it is done, what it takes, one line of help."""

    module: str
    add_options: Callable[[argparse.ArgumentParser], None]
    help: str

    def load(self) -> Run:
        """The function that does it, imported now."""
        run: Run = import_module(f"gpt2studio.cli.{self.module}").run
        return run


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command line; ``command`` is None where the app is to open.

    Raises UsageError where the line makes no sense; exits with status 0 where it asks for help.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    words = [*map(_with_dashes, arguments[:end]), *arguments[end:]]
    if words and words[0] in COMMANDS:
        options, unknown = _program(with_commands=True).parse_known_args(words)
        if unknown:
            raise UsageError(f"Unrecognized arguments: {' '.join(unknown)}.", f"See: gpt2studio {words[0]} --help")
        return options
    if any(word in ("-h", "--help") for word in words):
        return _program(with_commands=True).parse_args(["--help"])
    options, unknown = _program(with_commands=False).parse_known_args(words)
    if unknown and options.file is not None and not options.file.exists():
        raise UsageError(f"There is no command “{options.file}”.", "See: gpt2studio --help")
    if unknown:
        raise UsageError(f"Unrecognized arguments: {' '.join(unknown)}.", "See: gpt2studio --help")
    options.command = None
    return options


def _with_dashes(word: str) -> str:
    """An option as it is listed: people write ``--top_k`` and ``--top-k``."""
    if not word.startswith("--"):
        return word
    name, equals, value = word.partition("=")
    return name.replace("_", "-") + equals + value


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where the options are listed in another."""

    def error(self, message: str) -> NoReturn:
        told = message.removeprefix("argument ")
        raise UsageError(f"{told[0].upper()}{told[1:]}.", f"See: {self.prog} --help")


def _program(*, with_commands: bool) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="gpt2studio",
        usage="gpt2studio [--model MODEL] [--story ID] [FILE]\n       gpt2studio COMMAND [options]",
        description="A writing studio for GPT-2 in the terminal. Without a command it opens the app.",
        epilog="In the app F1 lists the keys.",
    )
    parser.add_argument("--version", action="version", version=f"gpt2studio {__version__}")
    parser.add_argument("--story", metavar="ID", help="open this story")
    _add_model(parser)
    if not with_commands:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="edit this text file in place")
        return parser
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", prog="gpt2studio")
    for name, command in COMMANDS.items():
        command.add_options(commands.add_parser(name, help=command.help, description=command.help))
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="MODEL", help="a name among `models list`, or a path (default: the setting)")
    parser.add_argument("--dtype", choices=DTYPES, help="number type to compute in")
    parser.add_argument("--device", metavar="DEVICE", help="auto, cpu, cuda, cuda:1, mps")


def _add_style(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("style").add_argument
    add("--index", metavar="NAME", help="mix these texts in: an index's name, a text or a folder of texts")
    add("--weight", type=float, metavar="W", help="how much: 0, not at all, to 1 (default: 0.5)")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def _generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "prompt", nargs="?", metavar="PROMPT", help="text to go on from; - reads it; none: from nothing"
    )
    _add_model(parser)
    _add_style(parser)
    add = parser.add_argument_group("sampling").add_argument
    add("--preset", metavar="NAME", help="begin with a preset: neutral, '2019: nshepperd', '2019: gpt-2-simple'")
    add("--temperature", type=float, metavar="T", help="above 1 wilder, below 1 tamer, 0 the likeliest always")
    add("--top-k", type=int, metavar="K", help="only the k likeliest tokens; 0: off")
    add("--top-p", type=float, metavar="P", help="only the likeliest tokens that make up this probability; 1: off")
    add("--min-p", type=float, metavar="P", help="only tokens this share as likely as the likeliest; 0: off")
    add("--typical-p", type=float, metavar="P", help="only tokens near the expected surprise; 1: off")
    add("--repetition-penalty", type=float, metavar="X", help="make what was said less likely; 1: off")
    add("--presence-penalty", type=float, metavar="X", help="subtracted from tokens already seen; 0: off")
    add("--frequency-penalty", type=float, metavar="X", help="subtracted for each time a token was seen; 0: off")
    add("--penalty-range", type=int, metavar="N", help="how many last tokens the penalties look at")
    add("--wildness", type=float, metavar="W", help="of stitch:NAME: from 0, faithful, to 1, wild")
    add("--order", metavar="STAGES", help="the sampling stages in their order, separated by commas")
    add("--seed", type=int, metavar="N", help="the same seed gives the same text (default: a new one)")
    add_stages(parser)
    add = parser.add_argument_group("how much").add_argument
    add(
        "--length",
        type=int,
        default=128,
        metavar="N",
        help="at most this many tokens (128); 0: until it ends by itself",
    )
    add("--samples", "--nsamples", type=int, default=1, metavar="N", help="how many continuations")
    add("--batch-size", type=int, default=1, metavar="N", help="how many are computed together")
    add("--stop", action="append", default=[], metavar="TEXT", help="end before this text; may be given again")
    add("--truncate", metavar="TEXT", help="as --stop: cut before this text")
    add("--no-end", action="store_true", help="never draw the end token")
    add("--special", action="store_true", help="read <|endoftext|> in the prompt as the end token")
    add(
        "--no-heal",
        action="store_true",
        help="go on from exactly the prompt's tokens, without healing their last border",
    )
    add = parser.add_argument_group("output").add_argument
    add("--include-prompt", "--include-prefix", action="store_true", help="the prompt before each continuation")
    add("--out", metavar="PATH", help="write to this file; to a folder (ending in /): one file a sample")
    add("--sample-delim", default="=" * 20, metavar="TEXT", help="line between samples in one file")
    _add_json(parser)


def _score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT-FILE", help="the text to score; - reads standard input")
    _add_model(parser)
    _add_style(parser)
    parser.add_argument("--special", action="store_true", help="read <|endoftext|> in the text as the end token")
    _add_json(parser)


def _encode(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT-FILE", help="a file, a folder, a pattern, or - for standard input")
    _add_model(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="OUT.npz", help="write arrays as the 2019 tools did")
    parser.add_argument("--combine", type=int, default=50_000, metavar="CHARS", help="join files into chunks this long")
    parser.add_argument(
        "--special", action="store_true", help="read <|endoftext|> as the end token, also between files"
    )
    _add_json(parser)


def _index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("texts", nargs="*", type=Path, metavar="TEXTS", help="text files, or folders of .txt and .md")
    parser.add_argument("--name", metavar="NAME", help="what to call it: the model stitch:NAME; texts are added to it")
    parser.add_argument("--remove", action="append", default=[], metavar="TEXT", help="take this text out of it again")
    _add_json(parser)


def _serve(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    add = parser.add_argument
    add("--host", default="127.0.0.1", metavar="ADDRESS", help="0.0.0.0: every address (default: this machine alone)")
    add("--port", type=int, metavar="PORT", help="the port (default: 5000, else the next free one); 0: any")
    add("--token", metavar="TOKEN", help="what visitors must know; made anew where others can come and none is given")
    add("--open", action="store_true", help="let others in without a token")
    add("--until-eof", action="store_true", help=argparse.SUPPRESS)  # for the app: end when it does
    add("--shared", action="store_true", help=argparse.SUPPRESS)  # for the app: serve with its engine what it says
    _add_json(parser)


def _bench(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument("--against", choices=("transformers",), help="what to compare with, in the same run")
    parser.add_argument("--against-dtype", choices=DTYPES[1:-1], help="its number type (the same; float32 for int8)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each is measured (3); the median")
    _add_json(parser)


def _doctor(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    _add_json(parser)


COMMANDS: dict[str, Command] = {
    "generate": Command("generate", _generate, "Continue a prompt, or start from nothing."),
    "score": Command("score", _score, "Tell how likely each token of a text was to the model."),
    "encode": Command("encode", _encode, "Turn texts into token ids."),
    "models": Command("models", add_models, "List, fetch, import, export, check and remove models."),
    "index": Command("index", _index, "Keep texts to search and stitch; without texts, list what is kept."),
    "train": Command("train", add_train, "Fine-tune a model on texts of your own."),
    "runs": Command("runs", add_runs, "List fine-tuning runs, follow and steer them, take their models out."),
    "serve": Command("serve", _serve, "Serve a model: a page to write on in the browser, and OpenAI's interface."),
    "bench": Command("bench", _bench, "Measure how fast a model writes here, side by side."),
    "doctor": Command("doctor", _doctor, "Tell what this machine has, and what the studio will use."),
}

STUDIO = Command("studio", lambda parser: None, "Open the app.")
"""What is done without a command."""
