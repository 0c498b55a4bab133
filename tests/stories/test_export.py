"""A story as a file for others."""

import html
import json
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.stories.export import Exhibit, Judged, as_html, as_json, as_markdown, written

TEXTS = st.text(alphabet="ab <>&\"'\n你*_`", min_size=1, max_size=40)


class Reader(HTMLParser):
    """What a browser would show of the page's main part, and what it would run."""

    def __init__(self) -> None:
        super().__init__()
        self.main = ""
        self.tags: list[str] = []
        self.inks: list[tuple[str, str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = self._inside or tag == "main"
        if self._inside and tag == "span":
            self.inks.append((dict(attrs)["class"] or "", dict(attrs).get("title") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "main"

    def handle_data(self, data: str) -> None:
        self.main += data if self._inside else ""


@given(TEXTS, st.data())
def test_the_page_shows_the_very_text_with_its_inks_and_chances_and_runs_nothing(
    text: str, data: st.DataObject
) -> None:
    ink = bytes(data.draw(st.lists(st.integers(0, 1), min_size=len(text), max_size=len(text))))
    cut = data.draw(st.integers(0, len(text)))
    tokens = [Judged(1, 0, cut, None, None), Judged(2, cut, len(text), -3.0, 7)]
    reader = Reader()
    page = as_html(Exhibit("<b>Title</b>", text, ink, tokens, "model <i>"))
    reader.feed(page)
    assert reader.main == text
    assert not {"script", "b", "i", "img", "link"} & set(reader.tags)
    assert "http://" not in page
    assert "https://" not in page
    if cut < len(text):
        assert any(title == "4.979% · rank 7" and " b2" in ink_ for ink_, title in reader.inks)


@given(TEXTS, st.data())
def test_json_gives_the_text_back_with_every_stretch_and_token(text: str, data: st.DataObject) -> None:
    ink = bytes(data.draw(st.lists(st.integers(0, 1), min_size=len(text), max_size=len(text))))
    told = json.loads(as_json(Exhibit("T", text, ink, [Judged(5, 0, len(text), -1.5, 2)], "m")))
    assert told["text"] == text
    assert "".join(text[each["start"] : each["end"]] for each in told["inks"]) == text
    for each in told["inks"]:
        assert set(ink[each["start"] : each["end"]]) == {1 if each["author"] == "model" else 0}
    assert told["tokens"] == [{"id": 5, "start": 0, "end": len(text), "text": text, "logprob": -1.5, "rank": 2}]


def test_markdown_has_the_models_words_in_italics_and_nothing_of_the_text_is_markup() -> None:
    text = "# I say *no*.\nThe king\nlaughed. "
    ink = bytes(13) + b"\x00" + bytes([1] * (len(text) - 14))
    page = as_markdown(Exhibit("A <tale>", text, ink))
    assert page.startswith("# A \\<tale\\>\n\n\\# I say \\*no\\*.\n\n*The king*\n\n*laughed.*")
    assert "4 words by the person" in page
    assert "3 by the model (43%)" in page


def test_a_word_is_whoevers_wrote_more_of_it() -> None:
    assert Exhibit("T", "kingdom of", bytes([0, 0, 0, 0, 1, 1, 1, 0, 1, 1])).words() == (1, 1)


def test_one_word_is_one_word() -> None:
    assert Exhibit("T", "Once", bytes(4)).share == "1 word by the person (100%), 0 by the model (0%)"


def test_every_paragraph_of_the_page_is_written_in_its_own_direction() -> None:
    page = as_html(Exhibit("T", "Once\n\u05e9\u05dc\u05d5\u05dd", bytes(9)))
    assert re.search(r"^main {[^}]*unicode-bidi: plaintext", page, re.MULTILINE)


def test_the_ending_chooses_the_kind() -> None:
    exhibit = Exhibit("T", "a < b", bytes(5))
    assert written(exhibit, ".txt") == written(exhibit, "") == "a < b"
    assert html.escape("a < b") in re.sub("<[^>]*>", "", written(exhibit, ".html"))
