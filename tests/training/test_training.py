"""Runs trained in this process: the curve, what ends them, and what they leave behind."""

import errno
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2LMHeadModel

from gpt2studio.engine.load import load, opened
from gpt2studio.errors import NotFoundError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.runs.checkpoints import best, last_resumable, list_checkpoints, read_origin, read_state
from gpt2studio.runs.corpus import TRAINING, read_tokens
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Device, Failed, Finished, HeldOut, Noted, Probed, Sampled, Saved, Stepped
from gpt2studio.runs.extend import extended
from gpt2studio.runs.recipe import Computing, Keeping, Recipe, Samples, write_recipe
from gpt2studio.runs.registry import Runs
from gpt2studio.training import memory, parts
from gpt2studio.training.checkpoint import weights_digest
from gpt2studio.training.network import Network
from gpt2studio.training.trainer import Trainer
from gpt2studio.training.windows import Windows
from tests.engine.networks import CPU, logits_of
from tests.training.small import (
    SHAPE,
    curve,
    events,
    losses,
    make_recipe,
    make_run,
    with_computing,
    with_optimization,
    with_schedule,
)


def train(folder: Path, recipe: Recipe, name: str = "run1") -> RunDirectory:
    """A run trained to its end."""
    run = make_run(folder, recipe, name)
    assert Trainer(run.path).work() == 0
    return run


def finished(run: RunDirectory) -> Finished:
    """How it ended."""
    last = events(run)[-1]
    assert isinstance(last, Finished)
    return last


def weights(run: RunDirectory) -> str:
    """The weights at the end, in one word."""
    checkpoint = list_checkpoints(run.checkpoints)[-1]
    return weights_digest(list(open_checkpoint(checkpoint.path).tensors.values()))


def test_the_curve_is_that_of_transformers_and_torch_on_the_same_batches(tmp_path: Path) -> None:
    recipe = with_optimization(make_recipe(tmp_path), schedule="constant", warmup=0, weight_decay=0.1, clip=0.5)
    recipe = with_schedule(recipe, steps=20, held_out_every=0)
    run = train(tmp_path, recipe)
    model = GPT2LMHeadModel.from_pretrained(recipe.model).train()
    model.config.resid_pdrop = model.config.embd_pdrop = model.config.attn_pdrop = 0.0
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    matrices = [weight for weight in model.parameters() if weight.dim() >= 2]
    vectors = [weight for weight in model.parameters() if weight.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-2)
    windows = Windows(read_tokens(run.data, TRAINING), SHAPE.n_positions, recipe.seed, epochs=False)
    expected = []
    for step in range(20):
        batch = windows.of_step(step, 4)
        logits = model(torch.from_numpy(batch.inputs)).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.from_numpy(batch.targets).flatten())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        length = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        expected.append((loss.item(), length.item()))
    ours = [(loss, norm) for _, loss, norm, _ in curve(run)]
    for (found, norm), (wanted, wanted_norm) in zip(ours, expected, strict=True):
        assert math.isclose(found, wanted, rel_tol=2e-5)
        assert norm is not None
        assert math.isclose(norm, wanted_norm, rel_tol=2e-3)
    assert ours[-1][0] < ours[0][0] - 1


def test_transformers_opens_a_checkpoint_as_it_is(tmp_path: Path) -> None:
    run = train(tmp_path, make_recipe(tmp_path))
    folder = list_checkpoints(run.checkpoints)[-1].path
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    text = "The mayor said"
    tokens = tokenizer(text).input_ids
    assert tokens == list(text.encode())
    with torch.no_grad():
        theirs = model(torch.tensor([tokens])).logits[0]
    ours = load(opened(folder), torch.float32, CPU, lambda done, total: None)
    torch.testing.assert_close(logits_of(ours.network, ours.shape, tokens), theirs, rtol=0, atol=1e-4)


def test_a_run_tells_what_happens_in_order(tmp_path: Path) -> None:
    recipe = replace(make_recipe(tmp_path), samples=Samples(every=4, prompts=("The", ""), count=2, length=5))
    run = train(tmp_path, recipe)
    said = [event.NAME for event in events(run) if event.NAME not in ("encoding", "note")]
    assert said[:3] == ["started", "data", "device"]
    assert said[-1] == "finished"
    assert [event.step for event in events(run) if isinstance(event, Stepped)] == list(range(1, 11))
    assert [event.step for event in events(run) if isinstance(event, HeldOut)] == [0, 5, 10]
    samples = [event for event in events(run) if isinstance(event, Sampled)]
    assert [(each.step, each.number) for each in samples] == [(at, n) for at in (0, 4, 8, 10) for n in range(4)]
    assert {each.prompt for each in samples} == {"The", ""}
    saved = [event for event in events(run) if isinstance(event, Saved)]
    assert [each.step for each in saved] == sorted({each.step for each in saved})
    assert saved[-1].step == 10
    assert "======== SAMPLE 1 ========\nThe" in (run.samples / "samples-8").read_text()
    assert finished(run) == replace(finished(run), step=10, loss=losses(events(run))[-1], reason="steps")
    origin = read_origin(run.path / saved[-1].path)
    assert (origin.parent, origin.run, origin.step) == ("tiny", "run1", 10)
    assert origin.sha256


def test_the_same_recipe_gives_the_same_run(tmp_path: Path) -> None:
    recipe = with_optimization(make_recipe(tmp_path), dropout=0.1, noise=0.1)
    first, second = (train(tmp_path, recipe, name) for name in ("a", "b"))
    assert curve(first) == curve(second)
    assert weights(first) == weights(second)
    other = train(tmp_path, replace(recipe, seed=4), "c")
    assert curve(other) != curve(first)


def test_micro_batches_and_accumulation_are_the_same_step(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path)
    whole = train(tmp_path, recipe, "whole")
    parts = train(tmp_path, with_computing(recipe, micro_batch=1), "parts")
    added = train(tmp_path, with_schedule(recipe, batch_size=1, accumulate=4), "added")
    twice = train(tmp_path, with_computing(recipe, checkpointing=True), "twice")
    for other in (parts, added, twice):
        for (_, loss, norm, _), (_, wanted, wanted_norm, _) in zip(curve(other), curve(whole), strict=True):
            assert math.isclose(loss, wanted, rel_tol=1e-4)
            assert math.isclose(norm or 0, wanted_norm or 0, rel_tol=1e-2)


def test_summed_gradients_are_as_many_times_longer(tmp_path: Path) -> None:
    recipe = with_schedule(make_recipe(tmp_path), steps=1, batch_size=2, accumulate=3)
    mean, total = train(tmp_path, recipe, "mean"), train(tmp_path, with_optimization(recipe, accumulation="sum"), "sum")
    (_, loss, norm, _), (_, same, longer, _) = curve(mean)[0], curve(total)[0]
    assert loss == same
    assert math.isclose(longer or 0, 3 * (norm or 0), rel_tol=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        lambda recipe: with_optimization(recipe, optimizer="sgd", learning_rate=0.5, momentum=0.9),
        lambda recipe: with_optimization(recipe, trained="layers"),
        lambda recipe: with_optimization(recipe, trained="lora", learning_rate=5e-2),
        lambda recipe: with_schedule(recipe, windows="epochs"),
        lambda recipe: with_computing(recipe, dtype="bfloat16"),
        lambda recipe: with_computing(recipe, dtype="float16"),
    ],
    ids=["sgd", "layers", "lora", "epochs", "bfloat16", "float16"],
)
def test_every_way_to_learn_learns_and_resumes_exactly(tmp_path: Path, change: Callable[[Recipe], Recipe]) -> None:
    recipe = change(with_schedule(make_recipe(tmp_path), steps=20))
    run = train(tmp_path, recipe)
    assert losses(events(run))[-1] < losses(events(run))[0] - 0.3
    again = make_run(tmp_path, run.recipe, "again")
    stop_after(again, 9)
    assert Trainer(again.path).work() == 0
    assert curve(again) == curve(run)
    assert weights(again) == weights(run)


def stop_after(run: RunDirectory, steps: int) -> None:
    """Train so many steps, and stop as Ctrl+C does."""
    trainer = Trainer(run.path)
    append = type(run.log).append

    def noticed(log: object, event: object) -> None:
        append(log, event)  # type: ignore[arg-type]
        if isinstance(event, Stepped) and event.step == steps and trainer._session:
            trainer._session.wish = "interrupted"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(run.log), "append", noticed)
        assert trainer.work() == 130
    assert finished(run).reason == "interrupted"


def test_layers_alone_leave_the_embeddings_as_they_were(tmp_path: Path) -> None:
    recipe = with_optimization(make_recipe(tmp_path), trained="layers")
    run = train(tmp_path, recipe)
    before = open_checkpoint(Path(recipe.model)).tensors
    after = open_checkpoint(list_checkpoints(run.checkpoints)[-1].path).tensors
    for name in before:
        same = bytes(before[name].data) == bytes(after[name].data)
        assert same == (not name.startswith("h.")), name


def test_lora_needs_its_model_unchanged(tmp_path: Path) -> None:
    run = make_run(tmp_path, with_optimization(make_recipe(tmp_path), trained="lora"))
    stop_after(run, 5)
    device = next(event for event in events(run) if isinstance(event, Device))
    assert device.trained < device.parameters
    model = Path(run.recipe.model)
    (model / "model.safetensors").write_bytes((model / "model.safetensors").read_bytes()[:-4] + b"\0\0\0\0")
    assert Trainer(run.path).work() == 1
    failed = next(event for event in events(run) if isinstance(event, Failed))
    assert "no longer the one" in failed.message


def test_the_last_checkpoints_and_the_best_are_kept(tmp_path: Path) -> None:
    recipe = with_schedule(with_optimization(make_recipe(tmp_path), learning_rate=3e-2), steps=30, held_out_every=3)
    run = train(tmp_path, replace(recipe, keeping=Keeping(every=3, last=3)))
    kept = list_checkpoints(run.checkpoints)
    assert [each.step for each in kept][-3:] == [24, 27, 30]
    chosen = best(kept)
    assert chosen is not None
    measured = {event.step: event.held_out_loss for event in events(run) if isinstance(event, HeldOut) and event.step}
    assert chosen.origin.held_out_loss == min(measured.values())
    assert [each.resumable for each in kept[-2:]] == [True, True]
    assert not any(each.resumable for each in kept[:-2])
    assert not [path for path in run.checkpoints.iterdir() if path.name.startswith(".")]


def test_the_last_checkpoint_knows_its_loss_wherever_the_run_ends(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path)
    recipe = replace(with_schedule(recipe, steps=8, held_out_every=3), keeping=replace(recipe.keeping, every=4))
    run = train(tmp_path, recipe)
    measured = run.progress().held_out[-1]
    assert measured.step == 8
    last = list_checkpoints(run.checkpoints)[-1]
    assert (last.step, last.origin.held_out_loss) == (8, measured.held_out_loss)
    chosen, lowest = best(list_checkpoints(run.checkpoints)), run.progress().best
    assert chosen is not None
    assert lowest is not None
    assert (chosen.step, read_state(last.path).best_step) == (lowest.step, lowest.step) == (8, 8)


def test_a_checkpoint_that_another_run_begins_from_is_kept(tmp_path: Path) -> None:
    recipe = replace(with_schedule(make_recipe(tmp_path), held_out_every=0), keeping=Keeping(every=2, last=1))
    run = train(tmp_path, recipe)
    (parent,) = list_checkpoints(run.checkpoints)
    other = make_run(tmp_path, with_optimization(replace(recipe, model=str(parent.path)), trained="lora"), "other")
    extended(run, 6)
    assert Trainer(run.path).work() == 0
    assert [each.step for each in list_checkpoints(run.checkpoints)] == [10, 16]
    assert Trainer(other.path).work() == 0
    Runs(tmp_path / "runs").remove("other")
    extended(run, 2)
    assert Trainer(run.path).work() == 0
    assert [each.step for each in list_checkpoints(run.checkpoints)] == [18]


def test_an_old_checkpoint_that_cannot_be_removed_is_removed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(with_schedule(make_recipe(tmp_path), held_out_every=0), keeping=Keeping(every=2, last=1))
    run = make_run(tmp_path, recipe)
    rename = Path.rename

    def busy(self: Path, target: Path) -> Path:
        if self.name == "step-000004" and not (run.checkpoints / "step-000008").exists():
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", busy)
    assert Trainer(run.path).work() == 0
    assert finished(run).reason == "steps"
    assert 4 in [event.step for event in events(run) if isinstance(event, Saved)]
    assert [each.step for each in list_checkpoints(run.checkpoints)] == [10]


def said(run: RunDirectory) -> str:
    """The last fault that the run's trainer has told of, and what to do."""
    failed = [event for event in events(run) if isinstance(event, Failed)][-1]
    return f"{failed.message} {failed.hint}"


def test_where_only_models_are_left_none_is_removed_and_it_says_so(tmp_path: Path) -> None:
    recipe = replace(with_schedule(make_recipe(tmp_path), held_out_every=0), keeping=Keeping(every=4, last=2))
    run = train(tmp_path, recipe)
    before, last = list_checkpoints(run.checkpoints)
    extended(run, 5)
    (last.path / "trainer.json").write_bytes(b"")
    assert Trainer(run.path).work() == 1
    assert f"Remove {last.path}: step 8 is gone on from then." in said(run)
    shutil.rmtree(last.path)
    (before.path / "trainer.json").write_bytes(b"")
    assert Trainer(run.path).work() == 1
    assert f"Begin a new run from its model: gpt2studio train --model {before.path}" in said(run)
    (before.path / "trainer.json").unlink()
    assert Trainer(run.path).work() == 1
    assert "only models are left, of step 8." in said(run)
    assert "train --model run1@8" in said(run)
    with pytest.raises(NotFoundError, match="only models are left"):
        extended(run, 5)
    assert run.recipe.schedule.steps == 15
    assert [each.step for each in list_checkpoints(run.checkpoints)] == [8]


def test_a_resumed_run_removes_later_models_but_for_those_that_others_need(tmp_path: Path) -> None:
    recipe = replace(with_schedule(make_recipe(tmp_path), held_out_every=0), keeping=Keeping(every=2, last=1))
    run = train(tmp_path, recipe)
    (made,) = list_checkpoints(run.checkpoints)
    for step in (12, 14):
        shutil.copytree(made.path, run.checkpoints / f"step-{step:06d}")
        (run.checkpoints / f"step-{step:06d}" / "trainer.json").unlink()
    make_run(tmp_path, replace(recipe, model=str(run.checkpoints / "step-000014")), "other")
    write_recipe(run.recipe_path, with_schedule(run.recipe, steps=11))
    assert Trainer(run.path).work() == 0
    assert [each.step for each in list_checkpoints(run.checkpoints)] == [11, 14]


def test_it_ends_early_when_the_held_out_loss_rises(tmp_path: Path) -> None:
    recipe = with_optimization(make_recipe(tmp_path), learning_rate=1.0, schedule="constant", warmup=0)
    run = train(tmp_path, with_schedule(recipe, steps=50, held_out_every=1, patience=3))
    assert finished(run).reason == "early stop"
    assert finished(run).step < 50
    rising = [event.held_out_loss for event in events(run) if isinstance(event, HeldOut)]
    assert min(rising[:-3]) <= min(rising[-3:])


def test_it_ends_when_its_time_is_over(tmp_path: Path) -> None:
    run = train(tmp_path, with_schedule(make_recipe(tmp_path), steps=100_000, minutes=1e-4))
    assert finished(run).reason == "time"
    assert read_state(list_checkpoints(run.checkpoints)[-1].path).seconds >= 0.006


def test_a_loss_that_is_no_number_ends_it_with_the_last_good_weights(tmp_path: Path) -> None:
    recipe = with_optimization(make_recipe(tmp_path), learning_rate=90.0, optimizer="sgd", clip=0.0, warmup=0)
    run = make_run(tmp_path, with_schedule(recipe, steps=50, held_out_every=0))
    assert Trainer(run.path).work() == 1
    assert finished(run).reason == "diverged"
    assert all(math.isfinite(loss) for loss in losses(events(run)))
    state = open_checkpoint(list_checkpoints(run.checkpoints)[-1].path)
    assert all(torch.isfinite(torch.tensor(tensor.array())).all() for tensor in state.tensors.values())


def test_a_complete_run_can_be_asked_for_more(tmp_path: Path) -> None:
    run = train(tmp_path, make_recipe(tmp_path))
    extended(run, 5)
    assert Trainer(run.path).work() == 0
    assert finished(run).step == 15
    assert [step for step, *_ in curve(run)] == list(range(1, 16))


def test_texts_shorter_than_a_window_are_learned_from(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path)
    Path(recipe.texts.paths[0]).write_text("Hi there!")
    run = train(tmp_path, recipe)
    assert run.recipe.schedule.window == 9
    assert losses(events(run))[-1] < losses(events(run))[0]


def test_texts_that_change_later_do_not_change_the_run(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path)
    whole = train(tmp_path, recipe, "whole")
    run = make_run(tmp_path, recipe, "cut")
    stop_after(run, 5)
    Path(recipe.texts.paths[0]).write_text("Something else altogether.")
    Path(recipe.model, "model.safetensors").unlink()
    assert Trainer(run.path).work() == 0
    assert curve(run) == curve(whole)


@pytest.mark.parametrize(
    "words",
    ["DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes.", "MPS backend out of memory"],
)
def test_where_memory_runs_out_half_as_much_is_computed_at_once(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe(tmp_path)
    plenty = train(tmp_path, recipe, "plenty")
    learn, calls = Network.learn, [0]

    def scarce(self: Network, inputs: torch.Tensor, targets: torch.Tensor, scale: float) -> torch.Tensor:
        calls[0] += 1
        if len(inputs) > 1 and calls[0] > 3:
            learn(self, inputs[:1], targets[:1], scale)  # half-done: its gradients must not count
            raise RuntimeError(words)
        return learn(self, inputs, targets, scale)

    monkeypatch.setattr(Network, "learn", scarce)
    run = train(tmp_path, recipe, "scarce")
    notes = [event.message for event in events(run) if isinstance(event, Noted)]
    assert any("1 of 4 windows are computed at once" in note for note in notes)
    for (_, loss, _, _), (_, wanted, _, _) in zip(curve(run), curve(plenty), strict=True):
        assert math.isclose(loss, wanted, rel_tol=1e-4)
    last = last_resumable(list_checkpoints(run.checkpoints))
    assert last is not None
    assert read_state(last.path).micro_batch == 1


def test_where_not_even_one_window_fits_it_says_what_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: Network, inputs: torch.Tensor, targets: torch.Tensor, scale: float) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(Network, "learn", none)
    run = make_run(tmp_path, make_recipe(tmp_path))
    assert Trainer(run.path).work() == 1
    failed = next(event for event in events(run) if isinstance(event, Failed))
    assert "not enough memory" in failed.message
    assert "--lora" in failed.hint


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_of_several_processes_each_has_a_gpu_of_its_own(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: list[int] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "set_device", set_to.append)
    monkeypatch.setattr(parts, "device_of", lambda name: torch.device("cuda", 0))
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert parts.choose_device(Computing(device=device)) == torch.device("cuda", 1)
    assert set_to == [1]


def test_a_gpu_whose_load_cannot_be_asked_for_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    class NotSupported(Exception):  # noqa: N818  # as in NVIDIA's library
        pass

    def refused(device: torch.device) -> int:
        raise NotSupported

    monkeypatch.setattr(torch.cuda, "utilization", refused)
    assert memory.load(torch.device("cuda", 0)) is None


def test_a_probe_measures_and_leaves_nothing(tmp_path: Path) -> None:
    run = make_run(tmp_path, make_recipe(tmp_path))
    assert Trainer(run.path, probe=True).work() == 0
    (probed,) = (event for event in events(run) if isinstance(event, Probed))
    assert probed.seconds_per_step > 0
    assert probed.memory > 10 << 20
    assert probed.checkpoint > 3 * 4 * SHAPE.parameters
    assert probed.micro_batch == 4
    assert list_checkpoints(run.checkpoints) == []


def test_a_second_trainer_on_a_run_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path, make_recipe(tmp_path))
    with run.lock as lock:
        assert lock.acquire()
        assert Trainer(run.path).work() == 1
    assert "Another trainer" in capfd.readouterr().err
    assert events(run) == []


def test_a_fault_is_told_and_the_last_checkpoint_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learn, calls = Network.learn, [0]

    def failing(self: Network, inputs: torch.Tensor, targets: torch.Tensor, scale: float) -> torch.Tensor:
        calls[0] += 1
        if calls[0] == 6:
            raise ValueError("a cosmic ray")
        return learn(self, inputs, targets, scale)

    monkeypatch.setattr(Network, "learn", failing)
    run = make_run(tmp_path, make_recipe(tmp_path))
    assert Trainer(run.path).work() == 1
    assert finished(run).reason == "failed"
    failed = next(event for event in events(run) if isinstance(event, Failed))
    assert "a cosmic ray" in failed.message
    assert list_checkpoints(run.checkpoints)[-1].step == 5
    monkeypatch.undo()
    assert Trainer(run.path).work() == 0
    assert [step for step, *_ in curve(run)] == list(range(1, 11))


def test_a_fault_before_the_first_step_leaves_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: Network, inputs: torch.Tensor, targets: torch.Tensor, scale: float) -> torch.Tensor:
        raise ValueError("a cosmic ray")

    monkeypatch.setattr(Network, "learn", failing)
    run = make_run(tmp_path, make_recipe(tmp_path))
    assert Trainer(run.path).work() == 1
    assert list_checkpoints(run.checkpoints) == []
    assert not Runs(run.path.parent).taken(run.name)


def test_a_held_out_loss_that_is_no_number_is_said_and_is_no_best_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure, calls = Network.measure, [0]

    def measured(self: Network, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        calls[0] += 1
        return measure(self, inputs, targets) * (math.nan if calls[0] == worst else 1.0)

    monkeypatch.setattr(Network, "measure", measured)
    recipe = with_schedule(make_recipe(tmp_path), held_out_windows=1)
    for worst, step in ((1, None), (2, 5)):
        calls[0], run = 0, make_run(tmp_path, recipe, f"run{worst}")
        assert Trainer(run.path).work() == 1
        failed = next(event for event in events(run) if isinstance(event, Failed))
        assert failed.message == "The loss on the held-out text is no number."
        kept = list_checkpoints(run.checkpoints)
        assert (kept[-1].step, kept[-1].origin.held_out_loss) == (step, None) if step else not kept


def test_a_model_that_is_gone_is_said(tmp_path: Path) -> None:
    run = make_run(tmp_path, replace(make_recipe(tmp_path), model=str(tmp_path / "nowhere")))
    assert Trainer(run.path).work() == 1
    failed = next(event for event in events(run) if isinstance(event, Failed))
    assert "There is no model" in failed.message


def test_an_optimizer_of_another_kind_is_refused(tmp_path: Path) -> None:
    run = train(tmp_path, make_recipe(tmp_path))
    extended(run, 5)
    write_recipe(run.recipe_path, with_optimization(run.recipe, optimizer="sgd"))
    assert Trainer(run.path).work() == 1
    assert any("does not fit" in event.message for event in events(run) if isinstance(event, Failed))
