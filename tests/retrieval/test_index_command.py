"""``gpt2studio index``."""

import json
from pathlib import Path

import pytest

from gpt2studio.cli import main
from gpt2studio.paths import places
from tests.commands import one_engine
from tests.retrieval.conftest import ALICE, DRAGON


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "alice.txt").write_text(ALICE)
    (folder / "dragon.txt").write_text(DRAGON)
    return folder


def test_texts_are_indexed_and_what_came_of_it_is_told(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(texts), "--name", "tales", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["texts"], told["added"]) == ("tales", 2, 2)
    assert told["characters"] == len(ALICE) + len(DRAGON)
    assert told["tokens"] > 200
    assert told["passages"] >= 2
    assert (places().indexes / "tales" / "index.json").exists()


def test_texts_are_added_to_an_index(texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["index", str(texts / "alice.txt"), "--name", "tales"])
    assert "stitch:tales: 1 text," in capsys.readouterr().out
    assert main(["index", str(texts), "--name", "tales"]) == 0
    assert "1 new text of 2" in capsys.readouterr().out


def test_without_texts_the_indexes_are_listed(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index"]) == 0
    assert "There is no index yet" in capsys.readouterr().out
    main(["index", str(texts), "--name", "tales"])
    capsys.readouterr()
    assert main(["index", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "tales"
    assert main(["index", "--name", "tales"]) == 0
    assert "alice.txt: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.txt", "--name", "tales"], "There is no file nowhere.txt"),
        ([".", "--name", "../tales"], "cannot be called"),
        (["--name", "nothing"], "There is no index"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", *arguments]) == 1
    assert said in capsys.readouterr().err


def test_an_index_without_a_name_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "."]) == 2
    assert "needs a name" in capsys.readouterr().err


def test_a_text_is_taken_out_again(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["index", str(texts), "--name", "tales"])
    folder = places().indexes / "tales"
    assert len(list((folder / "texts").iterdir())) == 2
    assert main(["index", "--name", "tales", "--remove", str(texts / "alice.txt")]) == 0
    assert "stitch:tales: 1 text," in capsys.readouterr().out
    assert len(list((folder / "texts").iterdir())) == 1
    assert main(["generate", "The dragon", "--model", "stitch:tales", "--length", "5", "--seed", "1"]) == 0
    assert main(["index", "--name", "tales", "--remove", "alice.txt"]) == 1
    assert "is not in the index" in capsys.readouterr().err


def test_removing_without_saying_from_where_is_wrong_usage(texts: Path) -> None:
    assert main(["index", "--remove", "alice.txt"]) == 2


def test_a_model_of_texts_encodes_and_is_listed(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["index", str(texts), "--name", "tales"])
    (texts / "one.txt").write_text("The dragon")
    capsys.readouterr()
    assert main(["encode", str(texts / "one.txt"), "--model", "stitch:tales", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["tokens"]) == 2
    assert main(["encode", str(texts / "one.txt"), "--model", "stitch:nothing"]) == 1
    capsys.readouterr()
    assert main(["models", "--json"]) == 0
    listed = [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]
    assert {"stitch:tales", "stitch:example", "storyteller"} <= set(listed)
    assert main(["models", "verify", "stitch:tales"]) == 1
    assert "made of texts" in capsys.readouterr().err


def test_a_style_of_an_index_is_asked_for_by_name_and_weight(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", str(texts), "--name", "tales"])
    (tmp_path / "one.txt").write_text(ALICE[:200])
    capsys.readouterr()
    told = []
    with one_engine(tmp_path):
        for more in ([], ["--index", "tales", "--weight", "0.8"]):
            assert main(["score", str(tmp_path / "one.txt"), "--json", *more]) == 0
            told.append(json.loads(capsys.readouterr().out)["perplexity"])
    assert told[1] < told[0] / 2
    assert main(["score", str(tmp_path / "one.txt"), "--weight", "0.8"]) == 2
    assert main(["score", str(tmp_path / "one.txt"), "--model", "stitch:tales", "--index", "tales"]) == 2
    assert main(["score", str(tmp_path / "one.txt"), "--index", "tales", "--weight", "2"]) == 2
