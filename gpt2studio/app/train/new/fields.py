"""The fields of a new run: their names, their order, and one line of advice each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Entry(Enum):
    """How a field is filled in."""

    TEXTS = "texts"
    """Paths, from the file dialog."""
    MODEL = "model"
    WORDS = "words"
    WHOLE = "whole"
    """A whole number."""
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form."""

    id: str
    """As the recipe has it, part and name: ``schedule.steps``; what the recipe has not, a word alone."""
    label: str
    entry: Entry
    advice: str
    choices: Mapping[str, str] | None = None
    """Of a choice: each value, as a string, with its words; the first is the default."""
    zero: str = ""
    """What 0 means, in a word."""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading."""

    title: str
    fields: tuple[Field, ...]


TEXTS, MODEL, NAME, START_FROM, WHEN = "texts.paths", "model", "name", "start_from", "when"
FRESH, LATEST, NOW, AFTER = "fresh", "latest", "now", "after"
SAMPLES, SAVES = "samples.every", "keeping.every"
STEPS, RATE = "schedule.steps", "optimization.learning_rate"
HELD_OUT_PATHS, PROMPTS, BETAS = "texts.held_out_paths", "samples.prompts", "optimization.betas"

_YES = {"False": "no", "True": "yes"}


def _words(id: str, label: str, advice: str) -> Field:
    return Field(id, label, Entry.WORDS, advice)


def _whole(id: str, label: str, advice: str, zero: str = "") -> Field:
    return Field(id, label, Entry.WHOLE, advice, zero=zero)


def _number(id: str, label: str, advice: str, zero: str = "") -> Field:
    return Field(id, label, Entry.NUMBER, advice, zero=zero)


def _choice(id: str, label: str, advice: str, choices: Mapping[str, str]) -> Field:
    return Field(id, label, Entry.CHOICE, advice, choices)


FIRST = (
    Field(TEXTS, "Text", Entry.TEXTS, "What it learns from: a file, several, a folder. Enter opens the file dialog."),
    Field(MODEL, "Model", Entry.MODEL, "What it begins from. ← → walk through the models at hand, Enter lists them."),
    _words(NAME, "Run name", "The model that comes of it is called so as well: it writes, and can be trained on."),
    _choice(
        START_FROM,
        "Start from",
        "Fresh: from the model. Latest: the run of this name goes on from its last checkpoint.",
        {FRESH: "fresh", LATEST: "latest"},
    ),
    _whole(STEPS, "Steps", "By itself about ten times through the text, and an end once it learns no more."),
    _number(RATE, "Learning rate", "By the model's size. For a small text, or one learned by heart, lower it: a half."),
    _whole(SAMPLES, "Sample every", "So many steps apart it writes a sample for you to read.", "never"),
    _whole(SAVES, "Save every", "So many steps apart it is saved, to go on from there.", "at the end"),
)  # fmt: skip

MORE = (
    Group("How much", (
        _choice(WHEN, "Start", "One run at a time is fastest where there is one device.",
                {NOW: "now", AFTER: "after the others"}),
        _number("schedule.epochs", "Epochs", "In place of steps: how often the whole text is seen."),
        _number("schedule.minutes", "Minutes", "It ends after so many, whatever the step.", "no limit"),
        _whole("schedule.patience", "Patience", "It ends after so many held-out losses without a better one.", "never"),
        _whole("schedule.batch_size", "Batch size", "Windows a step. Fewer need less memory; more give calmer steps."),
        _whole("schedule.accumulate", "Accumulate", "Batches a step: as a larger batch, in the memory of a small one."),
        _choice("optimization.accumulation", "Accumulated", "Their mean, or their sum as gpt-2-simple took it.",
                {"mean": "mean", "sum": "sum, as in 2019"}),
        _whole("schedule.window", "Window", "Tokens it sees at once: all that it can, unless the text is short."),
        _choice("schedule.windows", "Windows", "Drawn at random as in 2019, or each token once an epoch.",
                {"random": "at random", "epochs": "in epochs"}),
        _whole("seed", "Seed", "The same seed gives the same run."),
    )),
    Group("How it learns", (
        _choice("optimization.trained", "Train", "LoRA trains small matrices beside the weights: least memory of all.",
                {"all": "all weights", "layers": "layers only", "lora": "LoRA"}),
        _whole("optimization.lora_rank", "LoRA rank", "The width of LoRA's matrices: more learn more."),
        _number("optimization.lora_alpha", "LoRA alpha", "LoRA's matrices count alpha / rank times."),
        _choice("optimization.optimizer", "Optimizer", "SGD needs less memory, and a rate some thirty times as high.",
                {"adamw": "AdamW", "sgd": "SGD"}),
        _words(BETAS, "Betas", "Of AdamW: how long it remembers gradients and their squares."),
        _number("optimization.epsilon", "Epsilon", "Of AdamW."),
        _number("optimization.momentum", "Momentum", "Of SGD.", "none"),
        _choice("optimization.schedule", "Schedule", "How the learning rate falls after the warm-up.",
                {"cosine": "cosine", "linear": "linear", "constant": "constant"}),
        _whole("optimization.warmup", "Warm-up", "Steps in which the rate rises; a tenth of all at most.", "none"),
        _number("optimization.final_rate", "Final rate", "The share of the learning rate that is left at the end."),
        _number("optimization.weight_decay", "Weight decay", "Pulls the matrices a little towards zero.", "none"),
        _number("optimization.clip", "Clip", "Longer gradients are cut to this norm.", "never"),
        _number("optimization.dropout", "Dropout", "Against learning by heart: 0.1 for a small text.", "none"),
        _number("optimization.noise", "Noise", "The share of input tokens that others replace.", "none"),
    )),
    Group("The text", (
        _number("texts.held_out", "Held out", "The share that is not learned, to measure with.", "nothing"),
        Field(HELD_OUT_PATHS, "Held-out text", Entry.TEXTS, "A text of its own to measure with, in place of a share."),
        _words("texts.encoding", "Encoding", "Of the files; told from their bytes unless named: windows-1252, say."),
        _words("texts.column", "Column", "Of .csv and .jsonl: the name or number of the column that is read."),
        _choice("texts.header", "First CSV row", "Names of columns, or text.", {"True": "names", "False": "text"}),
        _choice("texts.lines", "Line by line", "Each line a text of its own.", _YES),
        _choice("texts.separator", "Between texts", "The end token; or <|endoftext|> spelled out, as in 2019.",
                {"end": "end token", "2019": "2019's words"}),
    )),
    Group("Along the way", (
        _words(PROMPTS, "Prompt", "What the samples begin with; empty: a new text. Several, with | between."),
        _whole("samples.count", "Samples", "Continuations of each prompt."),
        _whole("samples.length", "Sample length", "Tokens, at most."),
        _number("samples.sampling.temperature", "Temperature", "Of the samples."),
        _whole("samples.sampling.top_k", "Top-k", "Of the samples.", "off"),
        _number("samples.sampling.top_p", "Top-p", "Of the samples; 1 is off."),
        _whole("samples.seed", "Sample seed", "The same draws each time, so that samples can be compared."),
        _whole("schedule.held_out_every", "Measure every", "Steps between two held-out losses.", "never"),
        _whole("schedule.held_out_windows", "On windows", "At most so many held-out windows are measured."),
        _whole("keeping.last", "Keep", "So many of the last checkpoints stay, and the best besides."),
    )),
    Group("The machine", (
        _words("computing.device", "Device", "auto, cpu, cuda, cuda:1, mps."),
        _choice("computing.dtype", "Number type", "Of the products; the weights stay float32.",
                {"auto": "auto", "float32": "float32", "bfloat16": "bfloat16", "float16": "float16"}),
        _whole("computing.micro_batch", "Micro-batch", "Windows computed at once: fewer need less memory.",
               "as many as fit"),
        _choice("computing.checkpointing", "Checkpointing", "Activations computed twice: slower, in far less memory.",
                _YES),
        _whole("computing.threads", "Threads", "Of the CPU.", "all cores"),
        _whole("computing.processes", "Processes", "That share the work, one a GPU."),
    )),
)  # fmt: skip
"""What is folded away: all else that a recipe has."""

FIELDS: Mapping[str, Field] = {field.id: field for field in (*FIRST, *(f for group in MORE for f in group.fields))}
