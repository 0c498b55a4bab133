"""What the packages load when they are imported, seen from outside."""

import subprocess
import sys

import pytest

LIGHT = [
    "gpt2studio.cli",
    "gpt2studio.cli.parser",
    "gpt2studio.cli.studio",
    "gpt2studio.cli.generate",
    "gpt2studio.cli.score",
    "gpt2studio.cli.encode",
    "gpt2studio.cli.doctor",
    "gpt2studio.api",
    "gpt2studio.app",
    "gpt2studio.app.studio",
    "gpt2studio.library.shelf",
    "gpt2studio.stories.story",
    "gpt2studio.formats.checkpoint",
    "gpt2studio.text.tokenizer",
    "gpt2studio.wire.process",
]


def _loaded(module: str, *wanted: str) -> list[str]:
    code = f"import sys, {module}; print(*[name for name in {wanted!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("module", LIGHT)
def test_front_ends_and_files_never_load_torch(module: str) -> None:
    assert _loaded(module, "torch") == []


@pytest.mark.parametrize("module", ["gpt2studio.cli", "gpt2studio.cli.parser", "gpt2studio.cli.studio"])
def test_the_command_line_parses_before_anything_heavy_is_loaded(module: str) -> None:
    assert _loaded(module, "torch", "textual", "numpy", "regex", "rich", "huggingface_hub") == []


def test_the_app_paints_before_numpy_and_the_tokenizer_are_loaded() -> None:
    assert _loaded("gpt2studio.app.studio", "torch", "numpy", "regex") == []


def test_the_engine_does_not_load_the_screen() -> None:
    assert _loaded("gpt2studio.engine.service", "textual", "rich") == []
