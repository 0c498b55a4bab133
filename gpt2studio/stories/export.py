"""A story for others to read: as text, Markdown, JSON, or a page of HTML that needs nothing else."""

import html
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from gpt2studio.stories.splice import AUTHORS, Author

_RUNS = re.compile(rb"\x00+|\x01+")
_WORD = re.compile(r"\S+")
_LIMITS = (0.1, 0.01, 0.001)
"""The least probabilities of the first bands; a fourth is below them."""
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


@dataclass(frozen=True, slots=True)
class Judged:
    """A token of the text, and what a model thought of it."""

    id: int
    start: int
    end: int
    logprob: float | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A text with all that is told of it."""

    title: str
    text: str
    ink: bytes
    """Who wrote each character: 0 the person, 1 the model."""
    tokens: Sequence[Judged] = ()
    model: str = ""
    """Which model judged the tokens."""

    def runs(self) -> Iterator[tuple[Author, int, int]]:
        """Stretches by one author."""
        for run in _RUNS.finditer(self.ink):
            yield AUTHORS[self.ink[run.start()]], run.start(), run.end()

    def words(self) -> tuple[int, int]:
        """How many words the person wrote, and how many the model; a word is whoever's wrote more of it."""
        spans = [match.span() for match in _WORD.finditer(self.text)]
        model = sum(2 * sum(self.ink[start:end]) > end - start for start, end in spans)
        return len(spans) - model, model

    @property
    def share(self) -> str:
        """Who wrote how much, in a sentence."""
        person, model = self.words()
        total = max(1, person + model)
        words = "word" if person == 1 else "words"
        return f"{person:,} {words} by the person ({person / total:.0%}), {model:,} by the model ({model / total:.0%})"


def written(exhibit: Exhibit, ending: str) -> str:
    """The exhibit as a file of this ending: ``.md``, ``.json``, ``.html``; any other is plain text."""
    return {".md": as_markdown, ".json": as_json, ".html": as_html}.get(ending, as_text)(exhibit)


def as_text(exhibit: Exhibit) -> str:
    """The text alone."""
    return exhibit.text


def as_markdown(exhibit: Exhibit) -> str:
    """The model's words in italics; who wrote how much in the last line."""
    parts = []
    for author, start, end in exhibit.runs():
        text = _SPECIAL.sub(r"\\\1", exhibit.text[start:end])
        parts.append(_slanted(text) if author is Author.MODEL else text)
    body = re.sub(r"\n+", "\n\n", "".join(parts)).strip()
    title = _SPECIAL.sub(r"\\\1", " ".join(exhibit.title.split()))
    return f"# {title}\n\n{body}\n\n---\n\n{exhibit.share}; the model’s are in italics.\n"


def as_json(exhibit: Exhibit) -> str:
    """Text, stretches by author, and tokens with their log-probabilities; offsets are code points."""
    person, model = exhibit.words()
    data: dict[str, Any] = {
        "title": exhibit.title,
        "text": exhibit.text,
        "words": {"person": person, "model": model},
        "inks": [{"author": author.value, "start": start, "end": end} for author, start, end in exhibit.runs()],
        "model": exhibit.model or None,
        "tokens": [
            {
                "id": each.id,
                "start": each.start,
                "end": each.end,
                "text": exhibit.text[each.start : each.end],
                "logprob": each.logprob,
                "rank": each.rank,
            }
            for each in exhibit.tokens
        ],
    }
    return json.dumps(data, ensure_ascii=True, indent=1) + "\n"


def as_html(exhibit: Exhibit) -> str:
    """A page with both inks and, where the tokens were judged, the surprise map: no script, nothing from elsewhere."""
    title = html.escape(exhibit.title)
    body = "".join(_spans(exhibit))
    judged = any(each.logprob is not None for each in exhibit.tokens)
    switch = _SWITCH.replace("MODEL", html.escape(exhibit.model)) if judged else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n<style>{_STYLE}</style>\n'
        f'</head>\n<body>\n<h1>{title}</h1>\n<p class="about">{html.escape(exhibit.share)}. '
        f'<span class="p">The person’s ink</span>, <span class="m">the model’s ink</span>.</p>\n'
        f"{switch}<main>{body}</main>\n</body>\n</html>\n"
    )


def _slanted(text: str) -> str:
    """Each line's words in italics: Markdown's marks must touch them."""
    return re.sub(r"\S(?:[^\n]*\S)?", lambda match: f"*{match[0]}*", text)


def _spans(exhibit: Exhibit) -> Iterator[str]:
    """The text in spans of one author and one token each."""
    cuts = {0, len(exhibit.text)}
    cuts.update(place for _, start, end in exhibit.runs() for place in (start, end))
    known = [_without_blank(each, exhibit.text) for each in exhibit.tokens if each.end > each.start]
    cuts.update(place for each in known for place in (each.start, each.end))
    places, number = sorted(cuts), 0
    for start, end in pairwise(places):
        while number < len(known) and known[number].end <= start:
            number += 1
        token = known[number] if number < len(known) and known[number].start <= start else None
        ink = "m" if exhibit.ink[start] else "p"
        yield f'<span class="{ink}{_band(token)}"{_tip(token)}>{html.escape(exhibit.text[start:end])}</span>'


def _without_blank(token: Judged, text: str) -> Judged:
    """The token without the space before its word: words stand apart."""
    blank = text[token.start] == " " and token.end > token.start + 1
    return replace(token, start=token.start + 1) if blank else token


def _band(token: Judged | None) -> str:
    if token is None or token.logprob is None:
        return ""
    chance = math.exp(token.logprob)
    return f" b{1 + sum(chance < limit for limit in _LIMITS)}"


def _tip(token: Judged | None) -> str:
    if token is None or token.logprob is None:
        return ""
    return f' title="{math.exp(token.logprob):.3%} · rank {token.rank or 0:,}"'


_SWITCH = """<input type="checkbox" id="map" checked><label for="map"> Surprise map, by MODEL</label>
<p class="legend"><span class="b1">likely: 10% or more</span> <span class="b2">1%</span> <span class="b3">0.1%</span>
<span class="b4">less</span></p>
"""

_STYLE = """
:root { --ground: #faf6ec; --person: #26221c; --model: #a1331f; --shade: 139, 90, 0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #13161c; --person: #e8ebf2; --model: #79d2b6; --shade: 227, 184, 114; }
}
body { background: var(--ground); color: var(--person); max-width: 42rem; margin: 3rem auto; padding: 0 1rem;
  font: 1.1rem/1.7 Georgia, serif; }
h1 { font-size: 1.5rem; }
main { white-space: pre-wrap; overflow-wrap: break-word; unicode-bidi: plaintext; }
.about, .legend, label { font: 0.9rem sans-serif; }
.m { color: var(--model); }
#map:checked ~ main .b1, .legend .b1 { background: rgba(var(--shade), 0.05); }
#map:checked ~ main .b2, .legend .b2 { background: rgba(var(--shade), 0.14); }
#map:checked ~ main .b3, .legend .b3 { background: rgba(var(--shade), 0.26); text-decoration: underline dotted; }
#map:checked ~ main .b4, .legend .b4 { background: rgba(var(--shade), 0.42); text-decoration: underline; }
"""
