"""The options of ``train`` and ``runs``; the 2019 tools' names stand beside where they mean the same."""

import argparse
from pathlib import Path

from gpt2studio.cli.model_options import add_export_options


def add_train(parser: argparse.ArgumentParser) -> None:
    """What ``train`` takes."""
    parser.add_argument(
        "texts",
        nargs="*",
        metavar="DATASET",
        help="texts to learn from: files, folders, patterns (.txt .md .csv .jsonl .npz)",
    )
    parser.add_argument("--dataset", action="append", default=[], metavar="DATASET", help="the same, as in 2019")
    parser.add_argument(
        "--model", "--model-name", metavar="MODEL", help="the model to begin from (default: the setting)"
    )
    parser.add_argument("--run", "--run-name", metavar="NAME", help="the run's name (default: run1, or the next)")
    parser.add_argument("--resume", metavar="RUN", help="go on with this run, from its last checkpoint")
    parser.add_argument(
        "--restore-from", choices=("fresh", "latest"), help="where the run is there already: go on with it (latest)"
    )
    _amounts(parser.add_argument_group("how much"))
    _learning(parser.add_argument_group("how it learns"))
    _texts(parser.add_argument_group("the texts"))
    _along(parser.add_argument_group("along the way"))
    _machine(parser.add_argument_group("the machine"))
    parser.add_argument("--json", action="store_true", help="the run's events, one JSON object a line")


def add_runs(parser: argparse.ArgumentParser) -> None:
    """What ``runs`` takes."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions (default: list)")
    _action(actions, "list", "list all runs", named=False)
    _action(actions, "show", "show one run")
    _action(actions, "watch", "follow a run until its trainer ends")
    _action(actions, "pause", "make the trainer wait, weights in memory")
    _action(actions, "resume", "end a pause; a run whose trainer has ended goes on in the background")
    _action(actions, "stop", "save a checkpoint and end")
    _action(actions, "save", "save a checkpoint now and go on")
    _action(actions, "sample", "write samples now and go on")
    rate = _action(actions, "rate", "change the learning rate")
    rate.add_argument("rate", type=float, metavar="RATE", help="the learning rate from now on")
    export = _action(actions, "export", "write the model of a run (RUN, RUN@best, RUN@last, RUN@STEP) elsewhere")
    add_export_options(export, "tar")
    bring = _action(actions, "import", "take in a run that was exported with --format tar", named=False)
    bring.add_argument("path", type=Path, metavar="FILE.tar", help="the file")
    bring.add_argument("--name", metavar="NAME", help="the run's name here")
    remove = _action(actions, "remove", "remove a run, its checkpoints included")
    remove.add_argument("--yes", action="store_true", help="without asking")


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str, *, named: bool = True
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    if named:
        parser.add_argument("run", metavar="RUN", help="a name among `runs list`")
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object a line on standard output"
    )
    return parser


def _amounts(group: "argparse._ArgumentGroup") -> None:
    add = group.add_argument
    add(
        "--steps",
        type=int,
        metavar="N",
        help="steps (default: about ten epochs, 1,000 at most); of a run that goes on: more of them",
    )
    add("--epochs", type=float, metavar="X", help="in place of steps: how often the text is seen")
    add("--minutes", type=float, metavar="M", help="end after so many minutes")
    add(
        "--patience", type=int, metavar="N", help="end after so many held-out losses without a better one (5); 0: never"
    )
    add("--batch-size", type=int, metavar="N", help="windows a batch")
    add("--accumulate-gradients", type=int, metavar="N", help="batches a step")
    add("--sum-gradients", action="store_true", help="add accumulated gradients up, as in 2019, in place of their mean")
    add("--window", type=int, metavar="N", help="tokens a window (default: all that the model sees)")
    add("--windows", choices=("random", "epochs"), help="drawn at random as in 2019, or each token once an epoch")


def _learning(group: "argparse._ArgumentGroup") -> None:
    add = group.add_argument
    add("--learning-rate", type=float, metavar="X", help="default: by the model's size; for a small text, lower it")
    add("--schedule", choices=("constant", "linear", "cosine"), help="of the learning rate (cosine)")
    add("--warmup", type=int, metavar="N", help="steps until the full learning rate; a tenth of all at most")
    add("--optimizer", choices=("adamw", "adam", "sgd"), help="adamw; sgd needs less memory")
    add("--weight-decay", type=float, metavar="X", help="0.01")
    add("--clip", type=float, metavar="X", help="cut longer gradients to this norm (1); 0: never")
    add("--dropout", type=float, metavar="P", help="0")
    add("--noise", type=float, metavar="P", help="replace this share of input tokens (0)")
    add("--only-train-transformer-layers", action="store_true", help="leave the embeddings as they are")
    add("--lora", type=int, nargs="?", const=8, metavar="RANK", help="train small matrices beside the weights (rank 8)")
    add("--seed", type=int, metavar="N", help="the same seed gives the same run (0)")


def _texts(group: "argparse._ArgumentGroup") -> None:
    add = group.add_argument
    add("--encoding", metavar="NAME", help="of the texts (default: told from the bytes)")
    add("--column", metavar="NAME", help="of .csv and .jsonl: which column to read")
    add("--no-header", action="store_true", help="the first row of a .csv is text, not names")
    add("--lines", action="store_true", help="each line is a text of its own")
    add("--separator", choices=("end", "2019"), help="between texts: the end token, or <|endoftext|> spelled out")
    add("--held-out", type=float, metavar="SHARE", help="kept from training to measure with (0.05)")
    add("--val-dataset", action="append", default=[], metavar="DATASET", help="texts of their own to measure with")


def _along(group: "argparse._ArgumentGroup") -> None:
    add = group.add_argument
    add("--print-every", type=int, default=1, metavar="N", help="print each Nth step")
    add("--val-every", type=int, metavar="N", help="steps between measurements on the held-out text; 0: never")
    add("--val-batch-count", type=int, metavar="N", help="how many held-out windows are measured (16)")
    add("--sample-every", type=int, metavar="N", help="steps between samples (100); 0: never")
    add("--sample-length", type=int, metavar="N", help="tokens a sample (120)")
    add("--sample-num", type=int, metavar="N", help="samples a prompt (1)")
    add("--prompt", action="append", metavar="TEXT", help="a prompt for the samples; may be given again")
    add("--temperature", type=float, metavar="T", help="of the samples")
    add("--top-k", type=int, metavar="K", help="of the samples")
    add("--top-p", type=float, metavar="P", help="of the samples")
    add("--save-every", type=int, metavar="N", help="steps between checkpoints (100); 0: at the end alone")
    add("--keep", "--max-checkpoints", type=int, metavar="N", help="keep the last N checkpoints (2), and the best")


def _machine(group: "argparse._ArgumentGroup") -> None:
    add = group.add_argument
    add("--device", metavar="DEVICE", help="auto, cpu, cuda, cuda:1, mps")
    add("--dtype", choices=("auto", "float32", "bfloat16", "float16"), help="number type of the products")
    add("--threads", type=int, metavar="N", help="of the CPU")
    add("--processes", type=int, metavar="N", help="processes that share the work: one a GPU")
    add("--micro-batch", type=int, metavar="N", help="windows computed at once; fewer need less memory")
    add("--memory-saving-gradients", action="store_true", help="compute activations twice, for less memory")
    add("--detach", action="store_true", help="go on in the background, also when the terminal is closed")
    add("--no-start", action="store_true", help="make the run alone; its trainer is started by torchrun, say")
    add("--probe", action="store_true", help="take two steps, tell what the run would take, and keep nothing")
