"""Models from a hub and from OpenAI's bucket, both on this machine."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.tensorflow_write import write_openai
from gpt2studio.formats.vocabulary import Vocabulary
from gpt2studio.library import download
from gpt2studio.library.cards import Card
from gpt2studio.library.download import Found, hub_offer, openai_offer, search
from gpt2studio.library.fetch import Line
from gpt2studio.library.install import Offer, install, installed_size
from gpt2studio.library.progress import Progress
from gpt2studio.library.provenance import read_provenance
from gpt2studio.library.shelf import Shelf
from gpt2studio.library.stock import name_of
from gpt2studio.paths import places
from tests.formats.tiny import SHAPE, tensors, write_tiny, write_vocabulary
from tests.library.hub import COMMIT, REPOSITORY, Hub, served

WEIGHTS = "model.safetensors"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    folder = write_tiny(tmp_path / "published")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with served(Hub(files={**files, "README.md": b"# Tales", "tf_model.h5": b"no"})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def offered(repository: str = REPOSITORY) -> Offer:
    offer = hub_offer(repository)
    return dataclasses.replace(offer, line=dataclasses.replace(offer.line, stall=15.0, wait=lambda seconds: None))


def test_a_model_of_the_hub_is_installed_with_a_word_on_where_it_came_from(hub: Hub) -> None:
    hub.card = {"license": "mit", "base_model": "openai-community/gpt2"}
    path = install(offered(), "tales", places())
    assert path == places().models / "tales"
    assert sorted(each.name for each in path.iterdir()) == [
        "config.json", "merges.txt", WEIGHTS, "studio.json", "vocab.json",
    ]  # fmt: skip
    assert {each.name: each.read_bytes() for each in path.iterdir() if each.name != "studio.json"} == {
        name: data for name, data in hub.files.items() if name not in ("README.md", "tf_model.h5")
    }
    facts = read_provenance(path)
    assert facts is not None
    assert (facts.origin, facts.revision, facts.licence) == (f"hub:{REPOSITORY}", COMMIT, "mit")
    assert facts.parent == "openai-community/gpt2"
    assert facts.sha256 == hashlib.sha256(hub.files[WEIGHTS]).hexdigest()
    assert facts.created > 0
    [_, model] = Shelf(places(), started_in=path).models()
    assert (model.name, model.origin, model.note) == ("tales", "installed", "")


def test_the_size_is_known_before_anything_is_fetched(hub: Hub) -> None:
    offer = offered()
    assert offer.size == sum(len(hub.files[file.name]) for file in offer.files)
    assert [file.name for file in offer.files] == ["config.json", "vocab.json", "merges.txt", WEIGHTS]
    assert all("/resolve/" not in path for _, path, _, _ in hub.requests)


def test_progress_ends_at_the_whole_and_never_falls(hub: Hub) -> None:
    heard: list[Progress] = []
    offer = offered()
    install(offer, "tales", places(), heard.append)
    done = [each.done for each in heard]
    assert done == sorted(done)
    assert done[-1] == offer.size == heard[-1].total


def test_a_stopped_download_shows_no_model_and_the_next_one_fetches_the_rest(hub: Hub) -> None:
    def stop(progress: Progress) -> None:
        if progress.what == WEIGHTS:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(offered(), "tales", places(), stop)
    assert [model.name for model in Shelf(places(), started_in=places().data).models()] == ["storyteller"]
    assert installed_size("tales", places()) > 0
    hub.requests.clear()
    install(offered(), "tales", places())
    assert [model.name for model in Shelf(places(), started_in=places().data).models()] == ["storyteller", "tales"]
    assert hub.asked("vocab.json") == []
    assert installed_size("tales", places()) == 0


def test_a_file_of_another_version_is_not_gone_on_with(hub: Hub) -> None:
    hub.faults[WEIGHTS] = ["404"]
    with pytest.raises(StudioError):
        install(offered(), "tales", places())
    hub.files["merges.txt"] += b"\n"
    hub.requests.clear()
    install(offered(), "tales", places())
    assert hub.asked("vocab.json") == []
    assert hub.asked("merges.txt") == [""]


def test_a_vocabulary_that_is_none_is_refused_before_the_weights_come_and_asked_for_anew(hub: Hub) -> None:
    whole, hub.files["vocab.json"] = hub.files["vocab.json"], b'{"a": 99999999}'
    with pytest.raises(StudioError, match=r"vocab\.json is damaged"):
        install(offered(), "tales", places())
    assert hub.asked(WEIGHTS) == []
    hub.files["vocab.json"] = whole
    install(offered(), "tales", places())
    assert read_provenance(places().models / "tales") is not None


def test_a_vocabulary_larger_than_the_model_is_refused_and_the_weights_are_kept(hub: Hub) -> None:
    ids = json.loads(hub.files["vocab.json"])
    hub.files["vocab.json"] = json.dumps(ids | {"<more>": 40, "<still more>": 41}).encode()
    with pytest.raises(StudioError, match="has 42 tokens, but the model knows 40 only"):
        install(offered(), "tales", places())
    assert installed_size("tales", places()) > len(hub.files[WEIGHTS])


def test_a_model_of_another_kind_is_refused_before_its_weights_come(hub: Hub) -> None:
    hub.config = {}
    hub.files["config.json"] = json.dumps({"model_type": "llama", "n_embd": 8}).encode()
    with pytest.raises(StudioError, match="“llama”, not a GPT-2"):
        install(offered(), "tales", places())
    assert hub.asked(WEIGHTS) == []
    hub.config = {"model_type": "bert"}
    with pytest.raises(StudioError, match="“bert”, not a GPT-2"):
        offered()


def test_weights_that_fit_no_description_are_never_installed(hub: Hub, windows_files: None) -> None:
    config = json.loads(hub.files["config.json"])
    hub.files["config.json"] = json.dumps({**config, "n_layer": 3}).encode()
    with pytest.raises(StudioError, match="lacks the tensor"):
        install(offered(), "tales", places())
    assert not (places().models / "tales").exists()
    assert not (places().models / ".downloads" / "tales" / WEIGHTS).exists()


@pytest.mark.parametrize(
    ("gone", "added", "words"),
    [
        ("config.json", "", "has no config.json"),
        (WEIGHTS, "", "has no weights"),
        ("merges.txt", "vocab.txt", "BERT's tokenizer"),
        ("merges.txt", "spiece.model", "SentencePiece's tokenizer"),
    ],
)
def test_a_repository_that_holds_no_usable_model_says_what_is_missing(
    hub: Hub, gone: str, added: str, words: str
) -> None:
    del hub.files[gone]
    hub.files |= {added: b"x"} if added else {}
    with pytest.raises(StudioError, match=words):
        offered()


def test_weights_in_several_files_come_all(hub: Hub, tmp_path: Path) -> None:
    weights = hub.files.pop(WEIGHTS)
    shard = "model-00001-of-00001.safetensors"
    names = [f"transformer.{tensor.name}" for tensor in tensors()]
    hub.files[shard] = weights
    hub.files[f"{WEIGHTS}.index.json"] = json.dumps({"weight_map": dict.fromkeys(names, shard)}).encode()
    path = install(offered(), "tales", places())
    assert open_checkpoint(path).shape == SHAPE


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "asks for a token"), (403, "does not let you have"), (429, "too many"), (500, "answers 500")],
)
def test_what_the_hub_refuses_is_one_sentence(hub: Hub, status: int, words: str) -> None:
    hub.api_status = status
    with pytest.raises(StudioError, match=words) as caught:
        offered()
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_name_that_the_hub_does_not_have_is_said_so(hub: Hub) -> None:
    with pytest.raises(StudioError, match="has no model “nobody/nothing”"):
        offered("nobody/nothing")
    with pytest.raises(StudioError, match="is no name of a model"):
        offered("a/b/c")


def test_no_hub_is_one_sentence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(StudioError, match=r"127\.0\.0\.1:9 cannot be reached"):
        offered()


def test_a_hub_that_never_answers_is_given_up(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_PATIENCE", 0.0)
    with pytest.raises(StudioError, match="has said nothing"):
        download._within(0.0, lambda: hub.closing.wait(5), "hub")


def test_a_token_goes_to_the_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    install(offered(), "tales", places())
    assert {token for _, _, _, token in hub.requests} == {"Bearer hf_secret"}


def test_nothing_is_fetched_where_the_network_is_not_wanted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for ask in (offered, lambda: search("tales"), lambda: openai_offer(Card(name="x", openai=hub.url))):
        with pytest.raises(StudioError, match="HF_HUB_OFFLINE"):
            ask()
    assert hub.requests == []


def test_a_search_tells_what_there_is(hub: Hub) -> None:
    assert search("tales") == [Found(repository=REPOSITORY, downloads=7, likes=2, licence="mit")]


def test_a_taken_name_is_refused_before_anything_is_fetched(hub: Hub) -> None:
    offer = offered()
    hub.requests.clear()
    for name in ("storyteller", "Storyteller"):
        with pytest.raises(StudioError, match="already"):
            install(offer, name, places())
    with pytest.raises(StudioError, match="cannot be a model's name"):
        install(offer, "../tales", places())
    assert hub.requests == []


def test_a_disk_without_room_is_asked_before(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    offer = offered()
    hub.requests.clear()
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    with pytest.raises(StudioError, match="left"):
        install(offer, "tales", places())
    assert hub.requests == []


def test_what_is_being_fetched_is_not_fetched_twice_at_once(hub: Hub) -> None:
    def again(progress: Progress) -> None:
        with pytest.raises(StudioError, match="is being downloaded already"):
            install(offered(), "tales", places())

    install(offered(), "tales", places(), again)


def bucket(hub: Hub, tmp_path: Path) -> Card:
    vocabulary = Vocabulary(*write_vocabulary(tmp_path / "vocabulary"))
    write_openai(tmp_path / "openai", SHAPE, tensors(), vocabulary)
    hub.files = {path.name: path.read_bytes() for path in (tmp_path / "openai").iterdir()}
    hub.files["model.ckpt.meta"] = b"a graph"
    return Card(name="tiny", openai=f"{hub.url}/gpt-2/models/tiny", licence="MIT")


def quick() -> Line:
    return Line(stall=15.0, wait=lambda seconds: None)


def test_the_seven_files_of_openai_come_as_they_are(hub: Hub, tmp_path: Path) -> None:
    card = bucket(hub, tmp_path)
    offer = openai_offer(card, quick())
    assert offer.size == sum(map(len, hub.files.values()))
    path = install(offer, "tiny", places())
    assert {each.name: each.read_bytes() for each in path.iterdir() if each.name != "studio.json"} == hub.files
    facts = read_provenance(path)
    assert facts is not None
    assert facts.origin == f"openai:{card.openai}"
    assert open_checkpoint(path).format == "openai"


def test_openais_weights_have_no_sum_but_their_own_and_that_is_held_against_them(
    hub: Hub, tmp_path: Path, windows_files: None
) -> None:
    card = bucket(hub, tmp_path)
    name = "model.ckpt.data-00000-of-00001"
    hub.faults[name] = ["other"]
    with pytest.raises(StudioError, match="damaged"):
        install(openai_offer(card, quick()), "tiny", places())
    assert not (places().models / "tiny").exists()
    install(openai_offer(card, quick()), "tiny", places())
    assert hub.asked(name) == ["", ""]
    assert hub.asked("encoder.json") == [""]


def test_an_error_page_in_place_of_the_encoder_is_called_so(hub: Hub, tmp_path: Path) -> None:
    card = bucket(hub, tmp_path)
    offer = openai_offer(card, quick())
    hub.faults["encoder.json"] = ["xml"]
    with pytest.raises(StudioError, match="error page"):
        install(offer, "tiny", places())
    del hub.files["vocab.bpe"]
    with pytest.raises(StudioError, match=r"has no vocab\.bpe"):
        openai_offer(card, quick())


def test_a_model_is_called_by_its_card_or_by_its_repository() -> None:
    assert [name_of(name) for name in ("gpt2", "117M", "openai-community/gpt2-xl")] == ["124M", "124M", "1558M"]
    assert name_of("someone/My Tales!") == "My-Tales"
