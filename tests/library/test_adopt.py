"""Models from elsewhere made the studio's own."""

import io
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.pytorch_write import write_pytorch
from gpt2studio.formats.tensorflow_write import write_openai
from gpt2studio.formats.vocabulary import Vocabulary
from gpt2studio.library.adopt import adopt, name_for
from gpt2studio.library.progress import Progress
from gpt2studio.library.provenance import Provenance, read_provenance, sha256_of, write_provenance
from gpt2studio.library.shelf import Shelf
from gpt2studio.library.verify import verify
from gpt2studio.paths import places
from tests.formats.tiny import SHAPE, numbers_of, replaced, tensors, write_config, write_tiny, write_vocabulary


def openai(folder: Path) -> Path:
    vocabulary = Vocabulary(*write_vocabulary(folder.parent / "vocabulary"))
    write_openai(folder, SHAPE, tensors(), vocabulary, prefix="model-1000")
    return folder


def pytorch(folder: Path) -> Path:
    write_config(folder)
    write_vocabulary(folder, "vocab.json", "merges.txt")
    with (folder / "pytorch_model.bin").open("wb") as file:
        write_pytorch(file, tensors())
    return folder


def packed(folder: Path) -> Path:
    openai(folder.parent / "run1")
    path = folder.parent / "checkpoint_run1.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder.parent / "run1", "checkpoint/run1")
    return path


@pytest.mark.parametrize("made", [write_tiny, openai, pytorch, packed])
def test_every_format_becomes_the_studios_own_number_for_number(made: Callable[[Path], Path], tmp_path: Path) -> None:
    source = made(tmp_path / "source")
    path = adopt(source, "tales", places())
    assert sorted(each.name for each in path.iterdir()) == [
        "config.json", "merges.txt", "model.safetensors", "studio.json", "vocab.json",
    ]  # fmt: skip
    checkpoint = open_checkpoint(path)
    assert checkpoint.format == "huggingface"
    assert numbers_of(checkpoint) == {tensor.name: bytes(tensor.data) for tensor in tensors()}
    facts = read_provenance(path)
    assert facts is not None
    assert facts.origin == f"import:{source}"
    assert verify(path).summed == ("model.safetensors",)
    assert Shelf(places(), started_in=tmp_path).resolve("tales") == path


@pytest.mark.parametrize("kind", ["gz", "xz"])
def test_of_what_was_unpacked_nothing_is_left_where_files_in_use_cannot_be_removed(
    kind: str, tmp_path: Path, windows_files: None
) -> None:
    path = compressed(write_tiny(tmp_path / "source"), kind)
    adopt(path, "tales", places())
    assert [*(places().models / ".making").glob("*/")] == []


@pytest.mark.parametrize("made", [openai, pytorch])
def test_of_a_damaged_archive_nothing_is_left_where_files_in_use_cannot_be_removed(
    made: Callable[[Path], Path], tmp_path: Path, windows_files: None
) -> None:
    source = made(tmp_path / "source")
    weights = max(source.iterdir(), key=lambda file: file.stat().st_size)
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    replaced(weights, bytes(data))
    with pytest.raises(StudioError):
        adopt(compressed(source, "gz"), "tales", places())
    assert [*(places().models / ".making").glob("*/")] == []


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_an_import_never_converts(dtype: str, tmp_path: Path) -> None:
    path = adopt(write_tiny(tmp_path / "source", dtype), "tales", places())
    checkpoint = open_checkpoint(path)
    assert {tensor.dtype for tensor in checkpoint.tensors.values()} == {dtype}
    assert numbers_of(checkpoint) == {tensor.name: bytes(tensor.data) for tensor in tensors(dtype=dtype)}


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    heard: list[Progress] = []
    adopt(write_tiny(tmp_path / "source"), "tales", places(), heard.append)
    assert {each.what for each in heard} == {"checking", "writing", "summing"}
    assert heard[-1].done == heard[-1].total


def test_a_bare_file_of_weights_borrows_from_the_model_that_it_is_said_to_be_like(tmp_path: Path) -> None:
    like = write_tiny(tmp_path / "somewhere" / "like")
    path = tmp_path / "bare" / "gpt2-pytorch_model.bin"
    path.parent.mkdir()
    with path.open("wb") as file:
        write_pytorch(file, tensors())
    with pytest.raises(StudioError, match=r"has no config\.json"):
        adopt(path, "tales", places())
    folder = adopt(path, "tales", places(), like=[like])
    assert open_checkpoint(folder).shape == SHAPE
    assert name_for(path) == "bare"


def test_a_model_without_a_vocabulary_says_what_to_do(tmp_path: Path) -> None:
    source = write_tiny(tmp_path / "source")
    (source / "merges.txt").unlink()
    with pytest.raises(StudioError, match="without a vocabulary") as caught:
        adopt(source, "tales", places())
    assert "--like" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("vocab.json", '["no", "vocabulary"]', "is not a vocabulary"),
        ("vocab.json", '{"a": 99999999}', "is damaged"),
        ("card.toml", "aliases = 5", "is damaged"),
    ],
)
def test_a_model_that_could_not_be_written_with_is_not_taken_in(
    name: str, content: str, words: str, tmp_path: Path
) -> None:
    source = write_tiny(tmp_path / "source")
    (source / name).write_text(content)
    with pytest.raises(StudioError, match=words):
        adopt(source, "tales", places())
    assert not (places().models / "tales").exists()


def test_what_a_model_said_of_itself_goes_with_it(tmp_path: Path) -> None:
    source = write_tiny(tmp_path / "source")
    write_provenance(source, Provenance(origin="hub:someone/tales", parent="124M", run="sitcom", step=500))
    facts = read_provenance(adopt(source, "tales", places()))
    assert facts is not None
    assert (facts.origin, facts.parent, facts.run, facts.step) == ("hub:someone/tales", "124M", "sitcom", 500)


def test_a_taken_name_and_a_missing_path_are_said_so(tmp_path: Path) -> None:
    source = write_tiny(tmp_path / "source")
    adopt(source, "tales", places())
    (places().runs / "sitcom").mkdir(parents=True)
    for name, words in (("Tales", "a model “Tales” already"), ("sitcom", "a run “sitcom” already")):
        with pytest.raises(StudioError, match=words):
            adopt(source, name, places())
    with pytest.raises(StudioError, match="nothing at"):
        adopt(tmp_path / "nowhere", "other", places())


def test_a_stopped_or_failed_import_leaves_nothing(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.what == "writing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adopt(write_tiny(tmp_path / "source"), "tales", places(), stop)
    damaged = openai(tmp_path / "damaged")
    data = damaged / "model-1000.data-00000-of-00001"
    data.write_bytes(bytes(100) + data.read_bytes()[100:])
    with pytest.raises(StudioError, match="damaged"):
        adopt(damaged, "tales", places())
    assert [path for path in places().models.rglob("*") if path.name not in (".making", "tales.lock")] == []
    adopt(tmp_path / "source", "tales", places())


def tarred(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    return info


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (member("../out.json", size=3), "outside itself"),
        (member("/etc/out.json", size=3), "outside itself"),
        (member("a/../../out", size=3), "outside itself"),
        (member("a\\..\\out", size=3), "outside itself"),
        (member("model.safetensors", tarfile.SYMTYPE, "/etc/passwd"), "a link or a device"),
        (member("model.safetensors", tarfile.LNKTYPE, "../x"), "a link or a device"),
        (member("pipe", tarfile.FIFOTYPE), "a link or a device"),
    ],
)
def test_a_hostile_archive_writes_nothing_anywhere(bad: tarfile.TarInfo, words: str, tmp_path: Path) -> None:
    path = tarred(tmp_path / "bad.tar", member("config.json", size=2), bad)
    before = {each for each in tmp_path.rglob("*") if ".making" not in each.parts}
    with pytest.raises(StudioError, match=words):
        adopt(path, "tales", places())
    assert not list((places().models / ".making").glob("tales/*"))
    left = {each for each in tmp_path.rglob("*") if ".making" not in each.parts} - before
    assert left <= {places().data, places().models}


def test_an_archive_that_claims_more_than_there_is_room_for_is_refused(tmp_path: Path) -> None:
    info = member("model.safetensors", size=1 << 50)
    path = tmp_path / "big.tar"
    path.write_bytes(info.tobuf() + bytes(1024))
    with pytest.raises(StudioError):
        adopt(path, "tales", places())


def test_an_archive_of_two_models_or_of_none_says_so(tmp_path: Path) -> None:
    write_tiny(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    both, none = tmp_path / "both.tar", tmp_path / "none.tar"
    with tarfile.open(both, "w") as archive:
        archive.add(tmp_path / "one", "one")
        archive.add(tmp_path / "two", "two")
    tarred(none, member("readme.txt", size=4))
    with pytest.raises(StudioError, match="2 models: one, two"):
        adopt(both, "tales", places())
    with pytest.raises(StudioError, match="holds no model"):
        adopt(none, "tales", places())


def turned(path: Path, place: int) -> Path:
    """The file with one bit of one byte turned over."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    return replaced(path, bytes(data))


@pytest.mark.parametrize("noted", ["whole", "files"])
def test_a_model_that_is_not_as_it_came_is_not_taken_in(noted: str, tmp_path: Path) -> None:
    source = write_tiny(tmp_path / "source")
    digest = sha256_of(source / "model.safetensors")
    write_provenance(
        source, Provenance(sha256=digest) if noted == "whole" else Provenance(files={"model.safetensors": digest})
    )
    adopt(source, "tales", places())
    turned(source / "model.safetensors", -1)
    for given in (source, source / "model.safetensors"):
        with pytest.raises(StudioError, match=r"model\.safetensors is damaged: it is not as it came"):
            adopt(given, "again", places())
    assert not (places().models / "again").exists()


def test_a_part_of_a_model_that_is_not_needed_may_be_missing(tmp_path: Path) -> None:
    source = write_tiny(tmp_path / "source")
    write_provenance(source, Provenance(files={"README.md": "0" * 64}))
    adopt(source, "tales", places())


def compressed(source: Path, kind: str) -> Path:
    path = source.with_name(f"source.tar.{kind}")
    with tarfile.open(path, f"w:{kind}") as archive:  # type: ignore[call-overload]
        archive.add(source, "source")
    return path


@pytest.mark.parametrize("kind", ["gz", "xz", "bz2"])
def test_a_changed_bit_anywhere_in_a_compressed_archive_is_found(kind: str, tmp_path: Path) -> None:
    path = compressed(write_tiny(tmp_path / "source"), kind)
    whole, size = path.read_bytes(), path.stat().st_size
    for place in (*range(40, size, size // 40), size - 8, size - 4):
        turned(path, place)
        with pytest.raises(StudioError):
            adopt(path, "tales", places())
        replaced(path, whole)
    adopt(path, "tales", places())


@pytest.mark.parametrize("kind", ["gz", "xz", "bz2"])
def test_a_compressed_archive_cut_anywhere_is_refused(kind: str, tmp_path: Path) -> None:
    path = compressed(write_tiny(tmp_path / "source"), kind)
    whole = path.read_bytes()
    for length in (1, 20, 200, len(whole) // 2, len(whole) - 1):
        with pytest.raises(StudioError):
            adopt(replaced(path, whole[:length]), "tales", places())


def test_an_archive_with_a_damaged_header_is_not_taken_for_a_shorter_one(tmp_path: Path) -> None:
    source = write_tiny(tmp_path / "source")
    write_provenance(source, Provenance(origin="hub:someone/tales"))
    path = tmp_path / "source.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for file in sorted(source.iterdir(), key=lambda file: file.name == "studio.json"):
            archive.add(file, f"source/{file.name}")
    turned(path, path.read_bytes().index(b"source/studio.json"))
    with pytest.raises(StudioError, match="not all that is in it can be read"):
        adopt(path, "tales", places())


def test_names_are_made_from_paths() -> None:
    names = {"checkpoint/run1": "run1", "x/My model.tar": "My-model", "a/gpt2.tar.gz": "gpt2", "b/tales.bin": "tales"}
    assert {path: name_for(Path(path)) for path in names} == names


def test_of_a_run_in_one_file_the_best_checkpoint_is_taken(tmp_path: Path) -> None:
    checkpoints = tmp_path / "run1" / "checkpoints"
    for step, loss in ((100, 3.0), (200, 2.5), (300, 2.75), (400, None)):
        folder = write_tiny(checkpoints / f"step-{step:06d}")
        write_provenance(folder, Provenance(run="run1", step=step, held_out_loss=loss))
    with tarfile.open(tmp_path / "run1.tar", "w") as archive:
        archive.add(tmp_path / "run1", "run1")
    adopt(tmp_path / "run1.tar", "tales", places())
    facts = read_provenance(places().models / "tales")
    assert facts is not None
    assert facts.step == 200
