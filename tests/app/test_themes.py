"""The themes: those that ship, seen by different eyes, and those that people write."""

import os
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.theme import Theme
from textual.widgets import Input, Static

from gpt2studio.app.sampling.panel import SamplingPanel
from gpt2studio.app.themes import DEFAULT, VARIABLES, default_inks, load_themes, read_theme
from gpt2studio.paths import shipped
from tests.app.colours import SIGHTS, Rgb, contrast, difference, nearest
from tests.app.studios import Setup, opened

THEMES, COMPLAINTS = load_themes(shipped("themes"), Path("/there/is/no/such/folder"))
NAMES = [theme.name for theme in THEMES]
TERMINALS: dict[str, str] = {
    "xterm": """#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5
                #7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff""",
    "vga": """#000000 #aa0000 #00aa00 #aa5500 #0000aa #aa00aa #00aaaa #aaaaaa
              #555555 #ff5555 #55ff55 #ffff55 #5555ff #ff55ff #55ffff #ffffff""",
    "windows": """#0c0c0c #c50f1f #13a10e #c19c00 #0037da #881798 #3a96dd #cccccc
                  #767676 #e74856 #16c60c #f9f1a5 #3b78ff #b4009e #61d6d6 #f2f2f2""",
    "tango": """#2e3436 #cc0000 #4e9a06 #c4a000 #3465a4 #75507b #06989a #d3d7cf
                #555753 #ef2929 #8ae234 #fce94f #729fcf #ad7fa8 #34e2e2 #eeeeec""",
}
"""The sixteen colours as terminals ship them, from black to bright white."""


def colours(theme: Theme, terminal: str = "xterm") -> dict[str, Rgb]:
    """Every variable of a theme that is a plain colour, as this terminal shows it: its own ground is black or white."""
    found = {}
    ground, ink = ("ansi_black", "ansi_white") if theme.dark else ("ansi_bright_white", "ansi_black")
    for name, value in {**theme.to_color_system().generate(), **theme.variables}.items():
        if value.startswith(("#", "ansi_")) and " " not in value:
            own = ground if "background" in name or "surprise" in name else ink
            colour = Color.parse(own if value == "ansi_default" else value)
            if colour.ansi is not None:
                colour = Color.parse(TERMINALS[terminal].split()[colour.ansi])
            if colour.a == 1:
                found[name] = colour.rgb
    return found


def looks() -> list[tuple[str, dict[str, Rgb]]]:
    """Each shipped theme, the terminal's own in each terminal."""
    pairs = [(theme, terminal) for theme in THEMES for terminal in (TERMINALS if theme.ansi else ["xterm"])]
    return [(f"{theme.name}-{terminal}", colours(theme, terminal)) for theme, terminal in pairs]


LOOKS = pytest.mark.parametrize("look", [pytest.param(look, id=name) for name, look in looks()])


def named(name: str) -> dict[str, Rgb]:
    return colours(next(theme for theme in THEMES if theme.name == name))


def test_seven_themes_ship_and_none_is_faulty() -> None:
    assert COMPLAINTS == []
    assert len(NAMES) == 7
    assert DEFAULT in NAMES
    assert {theme.dark for theme in THEMES} == {True, False}


def test_every_shipped_theme_is_named_like_its_file_and_chooses_all_its_inks() -> None:
    for path in shipped("themes").glob("*.toml"):
        source = path.read_text(encoding="utf-8")
        assert read_theme(path).name == path.stem
        assert source.startswith("# ")
        for variable in VARIABLES:
            assert f"\n{variable} = " in source


@LOOKS
def test_both_inks_are_readable_on_the_page(look: dict[str, Rgb]) -> None:
    for ground in ("background", "surface"):
        if ground in look:
            assert contrast(look["ink-person"], look[ground]) >= 4.5
            assert contrast(look["ink-model"], look[ground]) >= 4.5


@LOOKS
def test_the_two_inks_can_be_told_apart(look: dict[str, Rgb]) -> None:
    assert difference(look["ink-person"], look["ink-model"]) >= 25


@LOOKS
def test_what_is_said_in_the_margins_is_readable_too(look: dict[str, Rgb]) -> None:
    ground = look["background"]
    assert contrast(look["foreground"], ground) >= 7
    assert contrast(look["text-muted"], ground) >= 4.5
    for name in ("accent", "success", "warning", "error", "footer-key-foreground"):
        assert contrast(look[name], ground) >= 3, name


@LOOKS
def test_text_outside_the_window_is_dimmer_than_the_rest_and_can_still_be_read(look: dict[str, Rgb]) -> None:
    outside = contrast(look["outside-window"], look["background"])
    assert 4 <= outside < contrast(look["ink-person"], look["background"])


@pytest.mark.parametrize("name", [theme.name for theme in THEMES if not theme.ansi])
def test_what_is_dim_can_still_be_read(name: str) -> None:
    look = named(name)
    assert contrast(look["text-disabled"], look["background"]) >= 3.5


@LOOKS
def test_the_curves_of_a_chart_can_be_told_apart(look: dict[str, Rgb]) -> None:
    curves = [look[name] for name in ("chart-train", "chart-smooth", "chart-held-out")]
    assert nearest([*curves, look["background"]], "full") >= 20


def test_the_high_contrast_theme_has_every_text_at_seven_to_one() -> None:
    look = named("contrast")
    texts = [name for name in look if name.startswith(("text", "ink", "foreground", "outside", "chart", "footer-key"))]
    texts = [name for name in texts if "lighten" not in name and "darken" not in name]
    assert len(texts) >= 15
    for name in [*texts, "accent", "primary", "success", "warning", "error", "border"]:
        for ground in ("background", "surface", "panel"):
            assert contrast(look[name], look[ground]) >= 7, (name, ground)
    for ground in ("block-cursor-background", "block-cursor-blurred-background", "input-selection-background"):
        ink = look[ground.replace("background", "foreground")]
        assert contrast(ink, look[ground]) >= 7, ground
    for name in ("foreground", "text-muted", "accent", "text-error"):
        assert contrast(look[name], look["block-cursor-blurred-background"]) >= 7, name


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_theme_for_colour_blind_eyes_stays_apart_in_every_sight(sight: str) -> None:
    look = named("okabe")
    assert difference(look["ink-person"], look["ink-model"], sight) >= 30
    assert nearest([look[name] for name in ("chart-train", "chart-smooth", "chart-held-out")], sight) >= 30
    assert nearest([look[name] for name in ("success", "warning", "error")], sight) >= 20
    assert difference(look["primary"], look["accent"], sight) >= 30


@pytest.mark.parametrize("sight", SIGHTS)
def test_inks_and_curves_can_be_told_apart_in_every_theme_by_every_eye(sight: str) -> None:
    for name, look in looks():
        assert difference(look["ink-person"], look["ink-model"], sight) >= 15, name
        assert nearest([look[curve] for curve in ("chart-train", "chart-smooth", "chart-held-out")], sight) >= 15, name


def test_the_simulated_sights_agree_with_what_is_known_of_them() -> None:
    red, green, blue, grey = (200, 60, 60), (95, 125, 50), (60, 60, 200), (128, 128, 128)
    assert difference(red, green, "full") > 3 * difference(red, green, "deuteranopia")
    assert difference(red, blue, "deuteranopia") > 60
    for sight in SIGHTS:
        assert difference(grey, grey, sight) == 0
        assert contrast(grey, grey) == 1
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


class Host(App[None]):
    """A screen with some widgets, and rules that read every variable of the studio."""

    CSS = "\n".join(f"#{name} {{ color: ${name}; border: solid ${name}; }}" for name in VARIABLES)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return default_inks(self.current_theme)

    def compose(self) -> ComposeResult:
        yield SamplingPanel()
        yield Input(placeholder="Write")
        for name in VARIABLES:
            yield Static(name, id=name)


@pytest.mark.parametrize("theme", [theme for theme in THEMES if theme.ansi], ids=lambda theme: theme.name)
async def test_a_terminals_own_theme_paints_no_ground(tmp_path: Path, theme: Theme) -> None:
    (tmp_path / "settings.toml").write_text(f'theme = "{theme.name}"\n')
    async with opened(Setup(tmp_path)) as bench:
        await bench.line("Once")
        await bench.pilot.press("ctrl+l", "f9")
        await bench.shows("temperature")
        strips = bench.studio.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        grounds = {style.bgcolor.name for style in styles if style.bgcolor}
        assert grounds <= {"default", "color(4)"}  # the dial that is chosen is on blue


async def test_an_app_wears_every_theme_the_shipped_ones_and_textuals_own() -> None:
    host = Host()
    async with host.run_test() as pilot:
        for theme in THEMES:
            host.register_theme(theme)
        for name in host.available_themes:
            host.theme = name
            await pilot.pause()
            ink = host.query_one("#ink-model").styles.color
            wanted = {**default_inks(host.current_theme), **host.current_theme.variables}["ink-model"]
            assert ink == Color.parse(wanted), name


@pytest.mark.parametrize("ansi", [False, True])
async def test_a_theme_of_two_lines_has_all_that_the_app_reads(tmp_path: Path, ansi: bool) -> None:
    colour = "ansi_cyan" if ansi else "#336699"
    (tmp_path / "plain.toml").write_text(f'name = "plain"\nprimary = "{colour}"\nansi = {str(ansi).lower()}')
    themes, complaints = load_themes(tmp_path / "none", tmp_path)
    assert complaints == []
    assert set(VARIABLES) <= set(themes[0].variables)
    host = Host()
    async with host.run_test() as pilot:
        host.register_theme(themes[0])
        host.theme = "plain"
        await pilot.pause()
        assert host.theme == "plain"


def test_a_theme_keeps_the_inks_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\nprimary = "red"\n[variables]\nchart-train = "#8a6d3b 60%"')
    theme = read_theme(tmp_path / "mine.toml")
    assert theme.variables["chart-train"] == "#8a6d3b 60%"
    assert theme.variables["ink-model"] == theme.to_color_system().generate()["accent"]


BAD = {
    "not TOML": "name = ",
    "a key without a place": 'name = "a"\nprimary = "red"\nprimry = "blue"',
    "a colour that is none": 'name = "a"\nprimary = "reddish"',
    "another colour that is none": 'name = "a"\nprimary = "red"\nbackground = "#12345"',
    "no name": 'primary = "red"',
    "no primary": 'name = "a"',
    "an empty name": 'name = " "\nprimary = "red"',
    "a number for a name": 'name = 3\nprimary = "red"',
    "a word for dark": 'name = "a"\nprimary = "red"\ndark = "yes"',
    "a word for a number": 'name = "a"\nprimary = "red"\ntext_alpha = "much"',
    "a number out of range": 'name = "a"\nprimary = "red"\nluminosity_spread = 7',
    "variables that are none": 'name = "a"\nprimary = "red"\nvariables = 3',
    "an unknown variable": 'name = "a"\nprimary = "red"\n[variables]\nink-modle = "red"',
    "an ink that is no colour": 'name = "a"\nprimary = "red"\n[variables]\nink-model = "auto"',
    "a variable that is no colour": 'name = "a"\nprimary = "red"\n[variables]\nscrollbar = "; }"',
    "a share that is none": 'name = "a"\nprimary = "red"\n[variables]\nborder = "red half"',
    "a share above all": 'name = "a"\nprimary = "red"\n[variables]\nborder = "red 101%"',
    "a style that is none": 'name = "a"\nprimary = "red"\n[variables]\nlink-style = "shiny"',
    "a number for a variable": 'name = "a"\nprimary = "red"\n[variables]\nborder = 3',
    "the name of another": 'name = "good"\nprimary = "red"',
}


@pytest.mark.parametrize("source", [pytest.param(source, id=fault) for fault, source in BAD.items()])
def test_a_bad_theme_is_reported_in_one_sentence_and_skipped(tmp_path: Path, source: str) -> None:
    (tmp_path / "a-good.toml").write_text('name = "good"\nprimary = "#112233"')
    (tmp_path / "b-bad.toml").write_text(source)
    (tmp_path / "c-good.toml").write_text('name = "too"\nprimary = "#112233"\n[variables]\nlink-style = "not bold"')
    themes, complaints = load_themes(tmp_path / "none", tmp_path)
    assert [theme.name for theme in themes] == ["good", "too"]
    assert len(complaints) == 1
    assert "b-bad.toml" in complaints[0]
    assert complaints[0].endswith(".")
    assert "\n" not in complaints[0]


def test_a_theme_that_cannot_be_read_is_reported_and_skipped(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    themes, complaints = load_themes(tmp_path / "none", tmp_path)
    assert themes == []
    assert len(complaints) == 3


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_theme_that_may_not_be_read_is_reported_and_skipped(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text('name = "a"\nprimary = "red"')
    (tmp_path / "secret.toml").chmod(0)
    assert len(load_themes(tmp_path / "none", tmp_path)[1]) == 1


def test_a_persons_theme_cannot_take_the_name_of_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f'name = "{DEFAULT}"\nprimary = "red"')
    themes, complaints = load_themes(shipped("themes"), tmp_path)
    assert [theme.name for theme in themes] == NAMES
    assert len(complaints) == 1
