"""Runs found by name, and the checkpoints that a name means."""

import json
import tarfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.huggingface import write_model
from gpt2studio.formats.names import tensor_shapes
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.runs import registry
from gpt2studio.runs.checkpoints import CARD, OPTIMIZER, STATE, Origin, list_checkpoints
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Finished, Resumed, Started, Stepped
from gpt2studio.runs.export import export_run, import_run
from gpt2studio.runs.recipe import Recipe, Texts, write_recipe
from gpt2studio.runs.registry import Runs
from gpt2studio.wire.lines import to_plain

RECIPE = Recipe(model="/m", parent="124M", texts=Texts(paths=("/t",)))
WORDS = Path(__file__).parents[2] / "models" / "storyteller"
SHAPE = Shape(vocab_size=8192, n_positions=8, n_embd=4, n_layer=1, n_head=2, end_token=0)


def save(run: RunDirectory, step: int, held_out_loss: float | None = None) -> Path:
    """A checkpoint with a model in it."""
    folder = run.checkpoints / f"step-{step:06d}"
    generator = np.random.default_rng(step)
    tensors = [
        StoredTensor(name, "float32", size, generator.normal(size=size).astype(np.float32).tobytes())  # type: ignore[arg-type]
        for name, size in tensor_shapes(SHAPE)
    ]
    tensors = [replace(tensor, data=memoryview(tensor.data)) for tensor in tensors]
    write_model(folder, SHAPE, tensors, WORDS / "vocab.json", WORDS / "merges.txt")
    (folder / CARD).write_text(json.dumps(to_plain(Origin(run=run.name, step=step, held_out_loss=held_out_loss))))
    (folder / STATE).write_text("{}")
    (folder / OPTIMIZER).write_bytes(b"")
    return folder


def test_a_name_means_the_best_the_last_or_a_step(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    run = runs.create("sitcom", RECIPE)
    with pytest.raises(NotFoundError, match="no checkpoint yet"):
        runs.resolve("sitcom")
    for step, loss in ((10, 3.0), (20, 2.5), (30, None)):
        save(run, step, loss)
    steps = {
        name: found.step
        for name in ("sitcom", "sitcom@best", "sitcom@last", "sitcom@10")
        if (found := runs.resolve(name))
    }
    assert steps == {"sitcom": 20, "sitcom@best": 20, "sitcom@last": 30, "sitcom@10": 10}
    with pytest.raises(NotFoundError, match="no checkpoint “15”"):
        runs.resolve("sitcom@15")
    assert runs.resolve("124M") is None
    assert runs.resolve("../sitcom") is None
    (listed,) = runs.trained_models()
    assert (listed.name, listed.step, listed.best) == ("sitcom", 20, True)


def test_without_held_out_losses_the_last_counts(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    run = runs.create("r", RECIPE)
    save(run, 10)
    save(run, 20)
    found = runs.resolve("r")
    assert found is not None
    assert found.step == 20


def test_a_half_written_checkpoint_is_never_seen(tmp_path: Path) -> None:
    run = Runs(tmp_path).create("r", RECIPE)
    folder = save(run, 10)
    folder.rename(folder.with_name(".step-000010.part"))
    assert list_checkpoints(run.checkpoints) == []


def test_a_taken_name_and_one_that_cannot_be_are_refused(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    assert runs.free_name() == "run1"
    runs.create("run1", RECIPE)
    assert runs.free_name() == "run2"
    with pytest.raises(StudioError, match="already"):
        runs.create("run1", RECIPE)
    for name in ("", "a/b", ".hidden", "r@best", "..", "a\n", " a", "nul", "Con", "com1", "aux.txt"):
        with pytest.raises(StudioError, match="cannot be a run's name"):
            runs.create(name, RECIPE)


def test_a_run_that_came_to_nothing_makes_way_and_one_that_may_come_to_something_does_not(tmp_path: Path) -> None:
    runs, now = Runs(tmp_path), time.time()
    ended = (Started(time=now, version="0", pid=1), Finished(time=now, step=0, loss=None, reason="failed"))
    run = runs.create("run1", RECIPE)
    assert runs.taken("run1")  # no trainer has worked on it yet
    for event in ended:
        run.log.append(event)
    assert not runs.taken("run1")
    assert runs.free_name() == "run1"
    run.waiting.touch()
    assert runs.taken("run1")
    run.waiting.unlink()
    with run.lock as lock:
        assert lock.acquire()
        assert runs.taken("run1")
    run.log.append(Stepped(time=now, step=1, loss=3.0, lr=0.1, grad_norm=1.0, tokens_per_second=1.0))
    assert runs.taken("run1")
    run.log.append(Resumed(time=now, step=0))  # killed before there was a checkpoint, it began anew
    assert not runs.taken("run1")
    save(run, 0)
    assert runs.taken("run1")
    failed = runs.create("run2", RECIPE)
    for event in ended:
        failed.log.append(event)
    assert runs.create("run2", replace(RECIPE, seed=5)).log.read()[0] == []
    assert {each.name for each in runs.all()} == {"run1", "run2"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_of_two_makers_of_one_name_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, made, refused = threading.Barrier(2), [], []

    def at_once(path: Path, recipe: Recipe) -> None:
        both.wait(60)
        write_recipe(path, recipe)

    def make(seed: int) -> None:
        try:
            Runs(tmp_path).create("run1", replace(RECIPE, seed=seed))
            made.append(seed)
        except StudioError as error:
            refused.append(error.message)

    monkeypatch.setattr(registry, "write_recipe", at_once)
    threads = [threading.Thread(target=make, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["There is a run “run1” already."]
    assert made == [Runs(tmp_path).find("run1").recipe.seed]
    assert [path.name for path in tmp_path.iterdir()] == ["run1"]


def test_runs_are_listed_found_and_removed(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    assert runs.all() == []
    runs.create("a", RECIPE)
    runs.create("b", RECIPE)
    assert {run.name for run in runs.all()} == {"a", "b"}
    with runs.find("a").lock as lock:
        assert lock.acquire()
        with pytest.raises(StudioError, match="under way"):
            runs.remove("a")
    runs.remove("a")
    with pytest.raises(NotFoundError, match="no run “a”") as caught:
        runs.find("a")
    assert caught.value.hint == "Runs: b."


def test_a_run_that_another_needs_is_not_removed(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    start = replace(RECIPE, model=str(save(runs.create("first", RECIPE), 10)))
    adapted = replace(start, optimization=replace(start.optimization, trained="lora"))
    for name, recipe in (("adapter", adapted), ("waiting", start), ("whole", start)):
        runs.create(name, recipe)
    for name in ("adapter", "whole"):
        save(runs.find(name), 10)
    with pytest.raises(StudioError, match="these runs cannot go on") as caught:
        runs.remove("first")
    assert "“adapter”" in caught.value.message
    assert "“waiting”" in caught.value.message
    assert "“whole”" not in caught.value.message
    for name in ("adapter", "waiting", "first"):
        runs.remove(name)
    assert [run.name for run in runs.all()] == ["whole"]


def test_a_run_goes_elsewhere_in_one_file(tmp_path: Path) -> None:
    there, here = Runs(tmp_path / "there"), Runs(tmp_path / "here")
    save(there.create("r", RECIPE), 10, 3.0)
    for left_out in ("lock", "control.json", "waiting.json"):
        (there.find("r").path / left_out).touch()
    path = export_run(there.find("r"), tmp_path / "run.tar")
    run = import_run(here, path, None)
    assert run.recipe == RECIPE
    assert {each.name for each in run.path.iterdir()} == {"recipe.json", "checkpoints"}
    found = here.resolve("r")
    assert found is not None
    assert open_checkpoint(found.path).shape == SHAPE
    with pytest.raises(StudioError, match="already"):
        import_run(here, path, None)
    assert import_run(here, path, "other").name == "other"
    assert sorted(each.name for each in here.folder.iterdir()) == ["other", "r"]


def test_a_run_that_is_taken_in_neither_waits_nor_claims_a_trainer(tmp_path: Path) -> None:
    packed = Runs(tmp_path / "there").create("r", RECIPE)
    (packed.path / "waiting.json").write_text('{"place": 0}')
    (packed.path / "control.json").write_text("{}")
    with tarfile.open(tmp_path / "r.tar", "w") as archive:
        archive.add(packed.path, arcname="r")
    run = import_run(Runs(tmp_path / "here"), tmp_path / "r.tar", None)
    assert [each.name for each in run.path.iterdir()] == ["recipe.json"]


@pytest.mark.parametrize("kind", ["gz", "xz", "bz2"])
def test_a_damaged_archive_of_a_run_is_refused(kind: str, tmp_path: Path) -> None:
    there, runs = Runs(tmp_path / "there"), Runs(tmp_path / "runs")
    save(there.create("r", RECIPE), 10)
    path = tmp_path / f"r.tar.{kind}"
    with tarfile.open(path, f"w:{kind}") as archive:  # type: ignore[call-overload]
        archive.add(there.find("r").path, arcname="r")
    whole = path.read_bytes()
    half = len(whole) // 2
    changed = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :]
    for damaged in (whole[:half], whole[:-1], changed):
        path.write_bytes(damaged)
        with pytest.raises(FormatError):
            import_run(runs, path, None)
    path.write_bytes(whole)
    import_run(runs, path, None)


def test_a_file_that_is_no_run_is_refused(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    with pytest.raises(NotFoundError):
        import_run(runs, tmp_path / "none.tar", None)
    (tmp_path / "a.tar").write_bytes(b"not a tar")
    with pytest.raises(FormatError, match="cannot be unpacked"):
        import_run(runs, tmp_path / "a.tar", None)
    (tmp_path / "evil.txt").write_text("x")
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        archive.add(tmp_path / "evil.txt", arcname="../../evil.txt")
    with pytest.raises(FormatError):
        import_run(runs, tmp_path / "b.tar", None)
    assert not list(runs.folder.iterdir())
