"""The command line, with the shipped model and a real engine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpt2studio.cli import main
from gpt2studio.paths import places, shipped
from gpt2studio.text.tokenizer import Tokenizer
from tests.commands import here, one_engine, program

STORYTELLER = shipped("models") / "storyteller"


@pytest.fixture(scope="module", autouse=True)
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One engine for all commands here but those that are run as programs."""
    with one_engine(tmp_path_factory.mktemp("engine")):
        yield


def json_lines(output: bytes) -> list[Any]:
    return [json.loads(line) for line in output.splitlines()]


def generate(*arguments: str, given: bytes = b"") -> list[Any]:
    return json_lines(here("generate", "--json", *arguments, given=given))


def test_the_same_seed_gives_the_same_line_and_another_seed_another() -> None:
    first, second, other = (
        generate("Once upon a time", "--length", "24", "--seed", seed)[0] for seed in ("7", "7", "8")
    )
    assert first == second
    assert first["text"] != other["text"]
    assert first["prompt"] == "Once upon a time"
    assert first["seed"] == 7
    assert first["finish"] in ("length", "end")
    assert len(first["tokens"]) == len(first["logprobs"]) <= 24
    assert all(logprob <= 0 for logprob in first["logprobs"])


def test_samples_are_the_same_alone_and_in_a_batch() -> None:
    arguments = ("The old king", "--length", "16", "--samples", "5", "--seed", "3")
    alone, together = generate(*arguments), generate(*arguments, "--batch-size", "4")
    assert [sample["tokens"] for sample in alone] == [sample["tokens"] for sample in together]
    assert len({sample["text"] for sample in alone}) == 5


def test_the_text_is_that_of_the_tokens() -> None:
    [sample] = generate("The door was", "--length", "20", "--seed", "1", "--no-heal")
    assert Tokenizer.of_folder(STORYTELLER).decode(sample["tokens"]) == sample["text"]


def test_generating_from_nothing() -> None:
    [sample] = generate("--length", "12", "--seed", "5")
    assert sample["prompt"] == ""
    assert sample["text"]


def test_a_filter_gives_back_the_text_it_was_given_and_goes_on() -> None:
    given = "\ufeffThe snow – “雪” – fell.\r\nAnd then\n".encode()
    output = program("generate", "-", "--include_prompt", "--length=8", "--seed=2", given=given)
    assert output.startswith(given)
    assert len(output) > len(given)


def test_without_json_only_the_continuation_is_printed() -> None:
    [sample] = generate("The cat", "--length", "8", "--seed", "4")
    output = here("generate", "The cat", "--length", "8", "--seed", "4").decode()
    assert output == sample["text"] + ("" if sample["text"].endswith("\n") else "\n")


def test_a_stop_text_ends_a_sample_and_is_not_part_of_it() -> None:
    [sample] = generate(
        "Once upon a time there was", "--stop", ",", "--truncate", ".", "--length", "200", "--seed", "1"
    )
    assert sample["finish"] == "stop"
    assert "," not in sample["text"]
    assert "." not in sample["text"]


def test_temperature_zero_is_the_same_whatever_the_seed() -> None:
    texts = {generate("The wolf", "--temperature", "0", "--length", "9", "--seed", s)[0]["text"] for s in ("1", "2")}
    assert len(texts) == 1


def test_samples_go_into_one_file(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "tales.txt"
    here("generate", "A bear", "--samples", "3", "--length", "6", "--seed", "1", "--out", str(out), "--batch-size", "3")
    parts = out.read_text(encoding="utf-8").split("=" * 20 + "\n")
    assert len(parts) == 4
    assert parts[-1] == ""


def test_a_file_is_not_emptied_for_a_model_that_is_not_there(tmp_path: Path) -> None:
    out = tmp_path / "tales.txt"
    out.write_text("Once")
    here("generate", "A bear", "--out", str(out), "--model", "nope", status=1)
    assert out.read_text() == "Once"


def test_samples_go_into_many_files_and_none_is_replaced(tmp_path: Path) -> None:
    arguments = ("generate", "A bear", "--samples", "2", "--length", "4", "--seed", "9", "--out", f"{tmp_path}/tales/")
    here(*arguments)
    first = {path.name: path.read_text() for path in (tmp_path / "tales").iterdir()}
    assert set(first) == {"sample-9-0001.txt", "sample-9-0002.txt"}
    here(*arguments)
    assert len(list((tmp_path / "tales").iterdir())) == 4
    assert {name: (tmp_path / "tales" / name).read_text() for name in first} == first


def test_scores_join_to_the_text_and_make_up_the_perplexity() -> None:
    text = "Once upon a time, 雪 there was…\n"
    [scored] = json_lines(here("score", "-", "--json", given=text.encode()))
    assert "".join(scored["texts"]) == text
    assert scored["logprobs"][0] is None
    assert scored["ranks"][0] is None
    assert scored["perplexity"] == pytest.approx(np.exp(-np.mean(scored["logprobs"][1:])))


def test_an_empty_text_has_no_perplexity() -> None:
    [scored] = json_lines(here("score", "-", "--json"))
    assert scored == {"tokens": [], "texts": [], "logprobs": [], "ranks": [], "perplexity": None}


def test_encode_prints_the_ids_and_nothing_more(tmp_path: Path) -> None:
    text = "Once upon a time\r\n<|endoftext|>\n"
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode())
    tokenizer = Tokenizer.of_folder(STORYTELLER)
    assert json_lines(here("encode", str(path), "--json")) == [{"tokens": tokenizer.encode(text)}]
    [special] = json_lines(here("encode", "-", "--json", "--special", given=text.encode()))
    assert special == {"tokens": tokenizer.encode(text, special=True)}
    assert here("encode", "-", "--json") == b'{"tokens":[]}\n'


def test_encode_writes_the_arrays_of_the_2019_tools(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "b.txt").write_text("second")
    (texts / "a.txt").write_text("first " * 20)
    (texts / ".hidden").write_bytes(b"\xff")
    here("encode", str(texts), "--combine", "100", "-o", str(tmp_path / "out"))
    tokenizer = Tokenizer.of_folder(STORYTELLER)
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays.files == ["arr_0", "arr_1"]
        assert arrays["arr_0"].dtype == np.int64
        assert arrays["arr_0"].tolist() == tokenizer.encode("first " * 20)
        assert arrays["arr_1"].tolist() == tokenizer.encode("second<|endoftext|>")


def test_a_setting_that_cannot_be_used_is_told_and_the_rest_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    places().settings.parent.mkdir(parents=True, exist_ok=True)
    places().settings.write_text('dtype = "float8"\n')
    assert main(["encode", str(STORYTELLER / "card.toml"), "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["tokens"]
    assert output.err.startswith(f"gpt2studio: {places().settings}, line 1: “dtype” must be one of")


def test_the_doctor_names_what_will_be_used() -> None:
    [report] = json_lines(here("doctor", "--json"))
    assert "storyteller" in report["will use"]
    assert any(device.startswith("cpu") for device in report["devices"])
    assert "PyTorch" in report["engine"]


def test_the_doctor_tells_what_is_wrong_with_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPT2STUDIO_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text('length = "x"\n[keys]\nretry = "ctrl+zz"\n')
    [report] = json_lines(here("doctor", "--json"))
    path, length, key = report["settings"]
    assert path == str(tmp_path / "settings.toml")
    assert "line 1: “length” must be" in length
    assert "line 3: there is no key “ctrl+zz”" in key


def test_the_doctor_tells_what_is_wrong_with_presets_and_themes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPT2STUDIO_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text('theme = "nosuch"\n')
    for folder in ("presets", "themes"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.toml").write_text("nonsense = 3\n")
    [report] = json_lines(here("doctor", "--json"))
    told = "\n".join(report["settings"])
    assert "line 1: there is no theme “nosuch”" in told
    assert "The preset mine.toml is left out: there is no sampling parameter “nonsense”." in told
    assert "The theme mine.toml is left out: " in told


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("generate", "--model", "117M", "a"), "124M is not installed"),
        (("generate", "--model", "/nowhere", "a"), "no model"),
        (("generate", "--out", "/proc/nothing/here", "a"), "cannot be written"),
        (("score", "/nowhere.txt"), "no file"),
        (("score", "/"), "folder"),
        (("encode", "/nowhere/*.txt", "-o", "/tmp/x.npz"), "no files"),
        (("encode", "-", "--model", "/etc/hostname"), "/etc"),
        (("genrate",), "no command and no file “genrate”"),
        (("chapter1.md",), "needs a terminal"),
    ],
)
def test_a_fault_is_one_line_of_what_and_one_of_what_to_do(
    arguments: tuple[str, ...], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    output = capsys.readouterr()
    assert output.out == ""
    lines = output.err.splitlines()
    assert len(lines) == 2
    assert word in lines[0]
    assert lines[1].startswith("  ")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("generate", "--preset", "none", "a"), "preset"),
        (("generate", "--temperature", "-1", "a"), "temperature"),
        (("generate", "--order", "magic", "a"), "magic"),
        (("generate", "--samples", "0", "a"), "nothing to generate"),
        (("generate", "--length", "-1", "a"), "length below 0"),
        (("generate", "--stop", "", "a"), "empty stop text"),
        (("generate", "--truncate", "", "a"), "empty stop text"),
    ],
)
def test_an_option_that_makes_no_sense_is_wrong_usage_whatever_the_model(
    arguments: tuple[str, ...], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (*arguments, "--model", "not even asked for")
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert word in output.err.splitlines()[0]


def test_a_folder_is_encoded_a_chunk_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("first " * 20)
    (tmp_path / "b.txt").write_text("second")
    tokenizer = Tokenizer.of_folder(STORYTELLER)
    lines = json_lines(here("encode", str(tmp_path), "--combine", "100", "--json"))
    assert lines == [{"tokens": tokenizer.encode(text)} for text in ("first " * 20, "second<|endoftext|>")]


@pytest.mark.parametrize("content", [b"no archive", b"PK\x03\x04 cut", b""])
def test_arrays_that_are_none_are_said(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "old.npz"
    path.write_bytes(content)
    assert b"holds no token ids" in here("encode", str(tmp_path), "-o", str(tmp_path / "new"), status=1)


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("first")
    complaint = here("encode", str(tmp_path / "a.txt"), "-o", str(tmp_path / "a.txt" / "b"), status=1).decode()
    assert complaint.startswith(f"gpt2studio: {tmp_path / 'a.txt' / 'b'}.npz cannot be written")


def test_bytes_that_are_no_text_are_named_with_their_place() -> None:
    complaint = here("score", "-", given=b"fine\nna\xefve\n", status=1).decode()
    assert "0xef" in complaint
    assert "line 2" in complaint


@pytest.mark.parametrize(
    ("arguments", "message", "listed_by"),
    [
        (("generate", "--no-such-option", "a"), "Unrecognized arguments: --no-such-option", "gpt2studio generate"),
        (("generate", "a", "b"), "Unrecognized arguments: b", "gpt2studio generate"),
        (("generate", "--length", "long"), "--length: invalid int value: 'long'", "gpt2studio generate"),
        (("models", "fetch"), "ACTION: invalid choice: 'fetch'", "gpt2studio models"),
        (("models", "verify"), "The following arguments are required: MODEL", "gpt2studio models verify"),
        (("runs", "list", "--all"), "Unrecognized arguments: --all", "gpt2studio runs"),
        (("--model",), "--model: expected one argument", "gpt2studio"),
        (("genrate", "Once", "upon"), "There is no command “genrate”", "gpt2studio"),
    ],
)
def test_wrong_usage_is_a_line_of_what_and_one_of_where_the_options_are_listed(
    arguments: tuple[str, ...], message: str, listed_by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    what, where = output.err.splitlines()
    assert what.startswith(f"gpt2studio: {message}")
    assert where == f"  See: {listed_by} --help"


def test_what_follows_two_dashes_is_text() -> None:
    [sample] = generate("--length", "2", "--", "--a_b")
    assert sample["prompt"] == "--a_b"


def test_help_begins_with_the_command_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["score"], ["models", "download"]):
        with pytest.raises(SystemExit):
            main([*arguments, "--help"])
        assert capsys.readouterr().out.startswith(f"usage: gpt2studio {' '.join(arguments)} [-h]")


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_are_printed(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([argument])
    assert caught.value.code == 0
    assert "gpt2studio" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_ctrl_c_leaves_what_came_and_has_status_130() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "gpt2studio", "generate", "Once", "--length", "0", "--no-end", "--seed", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert os.read(child.stdout.fileno(), 1)
    child.send_signal(signal.SIGINT)
    try:
        _, complaints = child.communicate(timeout=120)
    finally:
        child.kill()  # where it was started with its ears shut, as a job in the background is
    assert child.returncode == 130
    assert b"Traceback" not in complaints


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = f"{sys.executable} -m gpt2studio generate Once --length 0 --no-end --seed 1 | head -c 5"
    done = subprocess.run(command, shell=True, capture_output=True, check=True)
    assert len(done.stdout) == 5
    assert b"Traceback" not in done.stderr


def test_every_stage_has_its_options() -> None:
    [plain] = generate("The king and the king", "--length", "30", "--seed", "3")
    assert "the" in plain["text"]
    stages = "--ban the --ban-token 5 --no-repeat-ngram 3 --dry 0.8 --dry-base 1.5 --dry-length 1 --dynamic-range 0.3"
    stages += " --dynamic-exponent 2 --top-a 0.1 --tail-free 0.95 --epsilon-cutoff 0.001 --eta-cutoff 0.001"
    stages += " --xtc-probability 0.5 --xtc-threshold 0.2 --mirostat-tau 5 --mirostat-eta 0.2"
    told = ("The king and the king", "--length", "30", "--seed", "3", *stages.split())
    [first], [again] = generate(*told), generate(*told)
    assert first == again
    assert "the" not in first["text"]
    assert here("generate", "--top-a", "2", status=2)
