"""The form of 2019, for browsers without JavaScript; and the page's two languages."""

import html
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from gpt2studio.web.words import CHINESE, ENGLISH, words_for
from tests.web.scripted import script
from tests.web.sites import Reply, Site, scripted

SEED = 'He said:\n\n<script>alert(1)</script> & <|endoftext|> 雪 🦊 "it\'s"\n'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with scripted(tmp_path_factory.mktemp("form"), pace=0.0, limits={"prompt": 500}) as site:
        yield site


def post(site: Site, seed: str, language: str = "en") -> Reply:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": language}
    return site.ask("POST", "/", urlencode({"seed": seed.replace("\n", "\r\n")}), headers)


def test_what_was_typed_stands_in_black_and_the_models_words_in_red(site: Site) -> None:
    page = post(site, SEED).text
    assert "<script" not in page
    [person] = re.findall(r'<span class="person">(.*?)</span>', page, re.DOTALL)
    model = re.findall(r'<span class="model">(.*?)</span>', page, re.DOTALL)[-1]
    assert html.unescape(person) == SEED
    assert html.unescape(model) == script(0, 200)


def test_the_whole_can_be_gone_on_with(site: Site) -> None:
    page = post(site, SEED).text
    [again] = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert html.unescape(again) == SEED + script(0, 200)


def test_the_page_has_the_form_without_javascript(site: Site) -> None:
    page = site.ask("GET", "/").text
    inside = page[page.index("<noscript>") : page.index("</noscript>")]
    assert '<form method="post" action="/">' in inside
    assert 'name="seed"' in inside


def test_too_long_a_seed_is_said_on_the_page_and_stays_there(site: Site) -> None:
    reply = post(site, "x" * 501)
    assert reply.status == 400
    assert "500 characters" in reply.text
    assert "x" * 501 in reply.text


def test_a_form_with_nothing_in_it_begins_from_nothing(site: Site) -> None:
    assert site.ask("POST", "/", "").status == 200


@pytest.mark.parametrize(
    ("accepted", "words"),
    [
        ("", ENGLISH),
        ("zh-CN,zh;q=0.9,en;q=0.8", CHINESE),
        ("en-US,en;q=0.9,zh;q=0.8", ENGLISH),
        ("fr-FR, zh-TW;q=0.5", CHINESE),
        ("fr", ENGLISH),
        ("zh;q=0, en;q=0.1", ENGLISH),
        (";;q=x,,zh;q=nonsense", ENGLISH),
    ],
)
def test_the_browsers_language_chooses(accepted: str, words: dict[str, str]) -> None:
    assert words_for(accepted) is words


def test_both_languages_say_everything() -> None:
    assert set(ENGLISH) == set(CHINESE)
    for name, text in ENGLISH.items():
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", CHINESE[name])


def test_the_page_is_in_the_browsers_language(site: Site) -> None:
    page = site.ask("GET", "/", headers={"Accept-Language": "zh-CN"}).text
    assert '<html lang="zh-Hans">' in page
    assert CHINESE["go_on"] in page
