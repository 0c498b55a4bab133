"""Texts to try a tokenizer on: samples of what is awkward, and strategies that mix them."""

import re
import unicodedata
from typing import Final

from hypothesis import strategies as st

SAMPLES: Final = {
    "English": "Once upon a time, in a land far away, there lived a fox who'd never told a lie.\n\n“Never?” said he.",
    "contractions": "it's IT'S don't we'll we'LL they've you're I'd I'm 's ''s '' 't'll'x 'sick 'd's",
    "code": "def f(x):\n    if x >= 10:\n\treturn [x ** 2 for _ in range(1_000)]  # why\n\n\n\nclass A: ...\n",
    "numbers": "1 22 333 4444.55 ½ Ⅷ ٣٤٥ १२३ 1st x2 H₂O 10⁻³",
    "Chinese": "混沌未分天地乱,茫茫渺渺无人见。自从盘古破鸿蒙,开辟从兹清浊辨。",
    "Japanese": "吾輩は猫である。名前はまだ無い。ドコで生れたかトンと見當がつかぬ。",
    "Arabic": "كان يا ما كان في قديم الزمان ملكٌ لهُ ثلاثُ بناتٍ.",
    "Hindi": "एक समय की बात है, एक राजा था।",
    "Thai": "กาลครั้งหนึ่งนานมาแล้ว",
    "accents": "Café cafe\u0301 naïve Škoda Ǻ ﬁn ß İstanbul",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 ☃️ e\u0301 🫠",
    "spaces": " a  b   c    d \t e\t\tf \n g\n\nh\n\n\ni \r\nj\r\n\r\nk\u00a0l\u3000\u3000m\u2028n\x85o  ",
    "controls": "\x00\x01\x1b[31m\x1c\x1d\x1e\x1f\x7f\x80\x9f\ufeff\ufffd",
    "end token": "<|endoftext|> a<|endoftext|>b <|endoftext|>\n<|endoftext|",
    "long word": "Donaudampfschifffahrtsgesellschaftskapitänswitwe" * 9,
    "marks": "... !!! --- ===== «» …?! ((())) @@@ #hash $5 %d a_b __init__ ~/x",
    "nothing": "",
}

# White space of every kind, next to what changes what it does.
SPACES: Final = [" ", "  ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\u3000", "\x1c", "\x85", "\u2029", "\v"]
BITS: Final = [
    "a",
    "the",
    "I",
    "'s",
    "'",
    "'ll",
    "7",
    "42",
    ".",
    ",”",
    "<",
    "<|endoftext|>",
    "你好",
    "é",
    "\u0301",
    "👍",
    "_",
]


def _long_known(character: str) -> bool:
    """Whether the character stood in Unicode 3.2: newer ones are of another class in older programs."""
    return unicodedata.ucd_3_2_0.category(character) != "Cn"


characters = st.characters(exclude_categories=["Cs", "Cn"]).filter(_long_known)
any_text = st.text(characters)
mixed_text = st.lists(st.sampled_from([*SPACES, *SPACES, *BITS]) | st.sampled_from(list(SAMPLES.values()))).map("".join)
awkward_text = st.lists(st.sampled_from([*SPACES, *BITS])).map("".join)
# Surrogates, none of them followed by one that would make a pair with it.
broken_text = st.text(st.characters(exclude_categories=["Cs"]) | st.characters(categories=["Cs"])).map(
    lambda text: re.sub("(?<=[\ud800-\udbff])(?=[\udc00-\udfff])", "-", text)
)
texts = any_text | mixed_text | awkward_text
