"""Settings: what is read, and what is said of what cannot be used."""

from pathlib import Path

import pytest

from gpt2studio.settings import Settings, read_settings


def read(tmp_path: Path, text: str | bytes) -> tuple[Settings, list[str]]:
    path = tmp_path / "settings.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    settings, complaints = read_settings(path)
    return settings, [complaint.replace(str(path), "FILE") for complaint in complaints]


def test_no_file_is_all_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "settings.toml") == (Settings(), [])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    text = 'model = "124M"\npace = 0\ndtype = "bfloat16"\n[keys]\ncontinue = "ctrl+g, f9"\nretry = ["f4"]\nnew = ""\n'
    settings, complaints = read(tmp_path, "\ufeff" + text)
    assert complaints == []
    assert settings == Settings(
        model="124M", pace=0, dtype="bfloat16", keys={"continue": "ctrl+g,f9", "retry": "f4", "new": ""}
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("pace = 60\nlength = -1", "FILE, line 2: “length” must be a whole number, 0 or more; 64 is used."),
        ("pace = true", "FILE, line 1: “pace” must be a whole number, 0 or more; 60 is used."),
        (
            '\n\ndtype = "int3"',
            "FILE, line 3: “dtype” must be one of auto, float32, bfloat16, float16, int8; 'auto' is used.",
        ),
        ("theme = 3", "FILE, line 1: “theme” must be a string; '' is used."),
        ('colour = "red"', "FILE, line 1: there is no setting “colour”."),
        ("[keys]\ncontinue = 5", 'FILE, line 2: the keys of “continue” must be a string such as "ctrl+j,f5".'),
        ("keys = 5", 'FILE, line 1: “keys” must be a table: [keys], then lines such as continue = "ctrl+j,f5".'),
        ("pace = ", "FILE, line 1: Invalid value. The defaults are used."),
        ("a = 1\nb c", "FILE, line 2: Expected '=' after a key in a key/value pair. The defaults are used."),
        (b'model = "\xff"', "FILE, line 1: this is not UTF-8 text. The defaults are used."),
    ],
)
def test_what_cannot_be_used_is_told_with_file_and_line(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    settings, complaints = read(tmp_path, text)
    assert complaints == [complaint]
    assert settings == Settings()


def test_a_bad_line_does_not_spoil_the_good_ones(tmp_path: Path) -> None:
    settings, complaints = read(tmp_path, 'pace = "fast"\nlength = 12\n')
    assert settings == Settings(length=12)
    assert len(complaints) == 1


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    settings, complaints = read_settings(tmp_path / "settings.toml")
    assert settings == Settings()
    assert "cannot be read" in complaints[0]
