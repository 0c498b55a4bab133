"""A vocabulary and small texts to search."""

from pathlib import Path

import pytest

from gpt2studio.paths import shipped
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.text.tokenizer import Tokenizer

STORIES = Path(__file__).parents[2].parent / "shared" / "data" / "stories"

ALICE = """Alice was beginning to get very tired of sitting by her sister on the bank. "What is the use of a book,"
thought Alice, "without pictures?" So she was considering in her own mind whether to get up.

Suddenly a White Rabbit with pink eyes ran close by her. There was nothing very remarkable in that. "Oh dear!" said
the Rabbit, "I shall be too late!" Alice ran across the field after it, and saw it pop down a large rabbit-hole.

The Queen had only one way of settling all difficulties. "Off with her head!" she said. "Nonsense!" said Alice, very
loudly, and the Queen was silent. The King laid his hand upon her arm, and said, "Consider, my dear: she is a child!"
"""

DRAGON = """Once upon a time there was a dragon who lived in a cave by the sea. Every morning the dragon ran to the
sea, and every evening the dragon said, "I shall be too late for supper!" The Queen of the sea was silent.

The dragon had a sister. The sister of the dragon sat on the bank, and read a book without pictures. "Oh dear!" said
the dragon, "she is a child, and there was nothing very remarkable in that." So the dragon went down a large hole.
"""

WEST = "话说唐僧骑着白马，与行者、八戒、沙僧一路西行。行者道：“师父，前面有一座高山，怕有妖精。”八戒道：“师兄莫怕。”\n"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return Lexicon(Tokenizer.of_folder(shipped("models") / "storyteller"))
