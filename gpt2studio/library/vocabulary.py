"""Whether a model's vocabulary is one that texts can be written with."""

from gpt2studio.errors import FormatError
from gpt2studio.formats.checkpoint import Checkpoint
from gpt2studio.text.vocabulary import Vocabulary


def check_vocabulary(checkpoint: Checkpoint) -> None:
    """Raise FormatError or NotFoundError where the vocabulary cannot be read, or has more tokens than the model."""
    files = checkpoint.vocabulary
    known, size = len(Vocabulary.load(files.encoder, files.merges)), checkpoint.shape.vocab_size
    if known > size:
        raise FormatError(
            f"{files.encoder} has {known:,} tokens, but the model knows {size:,} only.",
            "Use the vocabulary that came with the model.",
        )
