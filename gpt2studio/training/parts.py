"""A run's parts, from its directory to memory: what a session works with."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from gpt2studio.engine.device import device_of, devices, dtype_of
from gpt2studio.engine.language import Language
from gpt2studio.errors import StudioError
from gpt2studio.formats.checkpoint import Checkpoint as Stored
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.vocabulary import Vocabulary as VocabularyPaths
from gpt2studio.runs.checkpoints import Checkpoint, Origin, TrainerState, read_state
from gpt2studio.runs.corpus import HELD_OUT, TRAINING, read_corpus, read_tokens
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Device
from gpt2studio.runs.recipe import Computing, Recipe
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.vocabulary import Vocabulary
from gpt2studio.training.checkpoint import read_memory, weights_digest
from gpt2studio.training.lora import Adapter, new_adapters
from gpt2studio.training.network import Network
from gpt2studio.training.optimizer import Optimizer, trained_weights
from gpt2studio.training.weights import all_loaded
from gpt2studio.training.windows import Batch, Windows, spread
from gpt2studio.training.workers import Workers

_WORTH_SHORT_NUMBERS = 30_000_000
"""Parameters from which 16-bit products make a CPU faster."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a session works with."""

    run: RunDirectory
    recipe: Recipe
    """Settled."""
    network: Network
    optimizer: Optimizer
    windows: Windows
    held_out: Batch | None
    language: Language
    vocabulary: VocabularyPaths
    workers: Workers
    state: TrainerState
    """Where it stands."""
    origin: Origin
    """What every checkpoint says of itself."""


def assemble(run: RunDirectory, recipe: Recipe, last: Checkpoint | None, workers: Workers) -> Parts:
    """The parts of a run that begins, or goes on from this checkpoint. The recipe is settled, the data prepared.

    Raises StudioError where something is missing or does not fit.
    """
    torch.set_num_threads(recipe.computing.threads)
    device = choose_device(recipe.computing)
    lora = recipe.optimization.trained == "lora"
    stored = open_checkpoint(Path(recipe.model) if last is None or lora else last.path)
    memory = read_memory(last, device) if last else {}
    origin = _origin(run, recipe, stored, last)
    network = _network(stored, recipe, device, memory)
    weights = trained_weights(network, recipe.optimization)
    optimizer = Optimizer(weights, recipe.optimization)
    if last:
        optimizer.recall({name: tensor for name, tensor in memory.items() if not name.startswith("h.")})
    state = read_state(last.path) if last else _fresh_state(recipe)
    if last and state.step == recipe.schedule.extended_at:
        state = replace(state, worse=0)
    network.mode.checkpointing = state.checkpointing or recipe.computing.checkpointing
    files = run.vocabulary
    return Parts(
        run=run,
        recipe=recipe,
        network=network,
        optimizer=optimizer,
        windows=_windows(run, recipe),
        held_out=_held_out(run, recipe),
        language=Language(Tokenizer(Vocabulary.load(files.encoder, files.merges))),
        vocabulary=files,
        workers=workers,
        state=state,
        origin=origin,
    )


def device_event(parts: Parts, time: float) -> Device:
    """What computes, and what is trained."""
    network, recipe, workers = parts.network, parts.recipe, parts.workers
    schedule = recipe.schedule
    assert schedule.batch_size is not None
    assert schedule.window is not None
    assert schedule.steps is not None
    found = next((each for each in devices() if each.name == str(network.device)), None)
    return Device(
        time=time,
        device=str(network.device),
        label=found.label if found else str(network.device),
        memory=found.memory if found else 0,
        dtype=str(network.mode.dtype).removeprefix("torch."),
        processes=workers.count,
        parameters=network.shape.parameters,
        trained=sum(weight.numel() for weight in parts.optimizer.weights.values()),
        steps=schedule.steps,
        tokens_per_step=schedule.batch_size * schedule.accumulate * schedule.window,
    )


def choose_device(computing: Computing) -> torch.device:
    """The device that the recipe names; of several processes each has a GPU of its own."""
    if computing.device in ("auto", "cuda") and torch.cuda.is_available() and "LOCAL_RANK" in os.environ:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return device_of(computing.device)


def _dtype(computing: Computing, device: torch.device, parameters: int) -> torch.dtype:
    """The number type of the products: of the 16-bit ones bfloat16, where the device is built for it."""
    if computing.dtype != "auto":
        return dtype_of(computing.dtype, device, parameters)
    if device.type == "cuda":
        short = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        short = parameters >= _WORTH_SHORT_NUMBERS and torch.cpu._is_avx512_bf16_supported()
    else:
        short = False
    return torch.bfloat16 if short else torch.float32


def _network(stored: Stored, recipe: Recipe, device: torch.device, memory: dict[str, Tensor]) -> Network:
    tensors = all_loaded(stored.tensors, device)
    how = recipe.optimization
    adapters: dict[str, Adapter] = {}
    if how.trained == "lora":
        adapters = new_adapters(stored.shape, how, recipe.seed, device)
        if memory:
            for name, adapter in adapters.items():
                adapter.down.copy_(memory[f"{name}.down"])
                adapter.up.copy_(memory[f"{name}.up"])
    network = Network(stored.shape, tensors, adapters)
    network.mode.dropout = how.dropout
    network.mode.dtype = _dtype(recipe.computing, device, stored.shape.parameters)
    return network


def _origin(run: RunDirectory, recipe: Recipe, stored: Stored, last: Checkpoint | None) -> Origin:
    """What every checkpoint of the run says of itself; the parent must still be the one it began from."""
    from_parent = last is None or recipe.optimization.trained == "lora"
    parent = weights_digest(list(stored.tensors.values())) if from_parent else last.origin.parent_sha256 if last else ""
    if last and last.origin.parent_sha256 != parent:
        raise StudioError(
            f"The model {recipe.model} is no longer the one that this run began from.",
            "LoRA needs it unchanged: put it back, or start a new run.",
        )
    return Origin(parent=recipe.parent, parent_sha256=parent, run=run.name, data=read_corpus(run.data).digest)


def _fresh_state(recipe: Recipe) -> TrainerState:
    batch = recipe.schedule.batch_size
    assert batch is not None
    return TrainerState(
        step=0,
        micro_batch=min(recipe.computing.micro_batch or batch, batch),
        checkpointing=recipe.computing.checkpointing,
        scale=2.0**16,
    )


def _windows(run: RunDirectory, recipe: Recipe) -> Windows:
    assert recipe.schedule.window is not None
    tokens = read_tokens(run.data, TRAINING)
    return Windows(tokens, recipe.schedule.window, recipe.seed, epochs=recipe.schedule.windows == "epochs")


def _held_out(run: RunDirectory, recipe: Recipe) -> Batch | None:
    assert recipe.schedule.window is not None
    tokens = read_tokens(run.data, HELD_OUT)
    if len(tokens) < 2 or not recipe.schedule.held_out_every:
        return None
    return spread(tokens, recipe.schedule.window, recipe.schedule.held_out_windows)


def with_micro_batch(state: TrainerState, micro_batch: int) -> TrainerState:
    """The same, with at most so many windows at once; 0: as it was."""
    return replace(state, micro_batch=min(state.micro_batch, micro_batch)) if micro_batch else state
