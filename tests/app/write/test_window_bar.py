"""The window bar: what of the text the model sees."""

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from gpt2studio.app.write.window_bar import WindowBar


class Host(App[None]):
    """A screen with nothing but the bar."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = WindowBar()

    def compose(self) -> ComposeResult:
        yield self.bar

    def line(self) -> str:
        return self.bar.render_line(0).text


async def test_a_short_text_shows_how_full_the_window_is() -> None:
    host = Host()
    async with host.run_test(size=(80, 5)):
        host.bar.show(512, 512, 1024, 231)
        assert host.line().rstrip() == "━" * 12 + "─" * 12 + " 512 of 1,024 tokens · 231 words"


async def test_a_long_text_shows_what_stands_outside() -> None:
    host = Host()
    async with host.run_test(size=(100, 5)):
        host.bar.show(4096, 1024, 1024, 3000)
        expected = "┄" * 18 + "━" * 6 + " sees the last 1,024 of 4,096 tokens · 3,072 outside · 3,000 words"
        assert host.line().rstrip() == expected


async def test_before_there_is_a_model_only_words_are_counted() -> None:
    host = Host()
    async with host.run_test(size=(80, 5)):
        host.bar.show(0, 0, 0, 1)
        assert host.line().strip() == "1 word"


async def test_an_empty_text_has_an_empty_bar() -> None:
    host = Host()
    async with host.run_test(size=(80, 5)):
        host.bar.show(0, 0, 1024, 0)
        assert host.line().rstrip() == "─" * 24 + " 0 of 1,024 tokens · 0 words"


async def test_a_narrow_line_keeps_the_exact_numbers_and_drops_the_rest() -> None:
    host = Host()
    async with host.run_test(size=(80, 5)) as pilot:
        for width, shown in ((30, "━━━━━───── 512 of 1,024 tokens"), (17, "━━── 512 of 1,024"), (5, "512 …")):
            await pilot.resize_terminal(width, 5)
            host.bar.show(512, 512, 1024, 231)
            assert shown in host.line()


async def test_no_line_is_too_long_and_the_counts_are_never_wrong() -> None:
    host = Host()
    async with host.run_test(size=(66, 5)):

        @given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 4096), st.integers(0, 10**7))
        @settings(deadline=None)
        def drawn(tokens: int, seen: int, positions: int, words: int) -> None:
            host.bar.show(tokens, seen, positions, words)
            line = host.bar.render_line(0)
            assert line.cell_length == 66
            if not positions:
                assert f"{words:,} word" in line.text
            elif tokens > seen:
                assert f"{seen:,} of {tokens:,}" in line.text
                assert f"{tokens - seen:,} outside" in line.text
            else:
                assert f"{tokens:,} of {positions:,}" in line.text

        drawn()
