"""The options of ``models``."""

import argparse
from pathlib import Path


def add_models(parser: argparse.ArgumentParser) -> None:
    """What ``models`` takes."""
    parser.set_defaults(action="list")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions (default: list)")
    _action(actions, "list", "list what is at hand, and what was made from what")
    find = _action(actions, "find", "look for models that can be fetched")
    find.add_argument("words", nargs="*", metavar="WORD", help="words of its name; none: the published ones")
    find.add_argument("--limit", type=int, default=20, metavar="N", help="how many of the hub's at most (20)")
    _download(_action(actions, "download", "fetch a model; an interrupted download goes on where it stopped"))
    _import(_action(actions, "import", "copy a model in any readable format in, number for number"))
    _export(_action(actions, "export", "write a model for other programs"))
    verify = _action(actions, "verify", "read every byte of a model and say whether it is whole")
    verify.add_argument("model", metavar="MODEL", help="a name among `models list`, or a path")
    remove = _action(actions, "remove", "remove an installed model")
    remove.add_argument("model", metavar="NAME", help="a name among `models list`")
    remove.add_argument("--yes", action="store_true", help="without asking")
    rename = _action(actions, "rename", "give an installed model another name")
    rename.add_argument("model", metavar="NAME", help="a name among `models list`")
    rename.add_argument("to", metavar="NEW-NAME", help="what to call it from now on")
    note = _action(actions, "note", "keep a note with an installed model")
    note.add_argument("model", metavar="NAME", help="a name among `models list`")
    note.add_argument("text", metavar="TEXT", help='your words; "" takes them away')


def _download(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="NAME", help="124M, 355M, 774M, 1558M, distilgpt2, or OWNER/NAME on the hub")
    parser.add_argument("--name", metavar="NAME", help="what to call it here")
    parser.add_argument("--from", dest="source", choices=("hub", "openai"), default="hub", help="openai: the originals")
    parser.add_argument("--revision", default="", metavar="REV", help="a commit, branch or tag on the hub")


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="OpenAI's or a 2019 run's folder, Hugging Face's, a .bin or .safetensors file, a .tar of one",
    )
    parser.add_argument("--name", metavar="NAME", help="what to call it (default: after the path)")
    parser.add_argument(
        "--like", action="append", default=[], metavar="MODEL", help="take a missing description or vocabulary from it"
    )


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a name among `models list`, RUN@STEP, or a path")
    add_export_options(parser)


def add_export_options(parser: argparse.ArgumentParser, *more: str) -> None:
    """Where to, and as what; *more* are formats of the command's own."""
    parser.add_argument(
        "--to", type=Path, required=True, metavar="PATH", help="a folder to make, a .tar, or for pytorch a .bin"
    )
    also = "; tar: the whole run in one file, to go on with elsewhere" if more else ""
    parser.add_argument(
        "--format",
        choices=("huggingface", "openai", "pytorch", "peft", *more),
        default="huggingface",
        help=f"openai: a TensorFlow checkpoint that the 2019 tools load; peft: a LoRA run's adapter alone{also}",
    )
    parser.add_argument("--dtype", choices=("float32", "float16", "bfloat16"), default="", help="default: its own")


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object a line on standard output"
    )
    return parser
