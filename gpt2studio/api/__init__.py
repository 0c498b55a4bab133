"""The studio from a notebook or a script: fetch a model, fine-tune it, write with it.

    import gpt2studio.api as gpt2

    gpt2.finetune("play.txt", steps=300)
    gpt2.generate(prefix="LADY BRACKNELL: ")

The names are gpt-2-simple's where they mean the same. Training and writing happen in processes of their own, so that
a notebook stays responsive, its *interrupt* stops them cleanly, and their memory is given back.
"""

from gpt2studio.api.fetching import download
from gpt2studio.api.finetuning import Trained, finetune
from gpt2studio.api.generating import generate, generate_to_file

__all__ = ["Trained", "download", "finetune", "generate", "generate_to_file"]
