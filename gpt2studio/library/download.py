"""What can be fetched: any GPT-2 on Hugging Face's hub, and OpenAI's original files.

The hub's own library tells what is there (its settings, ``HF_ENDPOINT`` and ``HF_TOKEN``, hold); the bytes are
fetched by `gpt2studio.library.fetch`, so that every source resumes, stops and is checked alike.
"""

import os
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from logging import ERROR
from typing import Any, TypeVar
from urllib.parse import urlsplit

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.library.cards import Card
from gpt2studio.library.fetch import Line, RemoteFile, remote_size
from gpt2studio.library.install import Offer
from gpt2studio.library.provenance import Provenance
from gpt2studio.library.refusals import of_status, why_unreached

OPENAI_FILES = (
    "hparams.json",
    "encoder.json",
    "vocab.bpe",
    "checkpoint",
    "model.ckpt.index",
    "model.ckpt.meta",
    "model.ckpt.data-00000-of-00001",
)
"""OpenAI's seven, the small ones first."""

_SHARDS = re.compile(r"(model|pytorch_model)-\d+-of-\d+\.(safetensors|bin)")
_OTHER_TOKENIZERS = {"vocab.txt": "BERT's", "spiece.model": "SentencePiece's", "tokenizer.model": "SentencePiece's"}
_PATIENCE = 30.0
"""Seconds within which the hub must say what it has."""

_NETWORK = "Check the network, and try again."

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A model on the hub, as a search shows it."""

    repository: str
    downloads: int = 0
    likes: int = 0
    parameters: int = 0
    licence: str = ""
    gated: bool = False


def search(words: str, limit: int = 20) -> list[Found]:
    """The GPT-2s on the hub whose names have these words, those that most people fetch first."""
    from huggingface_hub import HfApi

    api = HfApi(endpoint=_endpoint())
    wanted: Any = ["downloads", "likes", "safetensors", "gated", "tags"]
    models = _asked(
        words,
        lambda: list(
            api.list_models(search=words or None, filter="gpt2", sort="downloads", limit=limit, expand=wanted)
        ),
    )
    return [_found(model) for model in models]


def hub_offer(repository: str, revision: str = "", card: Card | None = None) -> Offer:
    """The model in a repository of the hub. Raises StudioError where it is not there or can be seen to be of no use."""
    from huggingface_hub import HfApi, hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    api = HfApi(endpoint=_endpoint())
    info = _asked(
        repository,
        lambda: api.model_info(repository, revision=revision or None, files_metadata=True, timeout=_PATIENCE),
    )
    _check_kind(repository, (info.config or {}).get("model_type"))
    known = {each.rfilename: each for each in info.siblings or ()}
    commit = info.sha or revision or "main"

    def remote(name: str) -> RemoteFile:
        url = hf_hub_url(repository, name, revision=commit, endpoint=_endpoint())
        large: Any = known[name].lfs
        digest = large.sha256 if large else ""
        return RemoteFile(name, url, known[name].size, digest, "" if digest else known[name].blob_id or "")

    about: Any = info.card_data or {}
    licence, parent = about.get("license"), about.get("base_model")
    provenance = Provenance(
        origin=f"hub:{repository}",
        revision=info.sha or "",
        licence=licence if isinstance(licence, str) else card.licence if card else "",
        parent=parent if isinstance(parent, str) else parent[0] if parent and isinstance(parent[0], str) else "",
    )
    files = tuple(remote(name) for name in _chosen(repository, known))
    return Offer(name=repository, files=files, provenance=provenance, line=Line(headers=build_hf_headers()))


def openai_offer(card: Card, line: Line | None = None) -> Offer:
    """OpenAI's own seven files of a published model. Raises StudioError where they cannot be had."""
    _check_online()
    if not card.openai:
        raise NotFoundError(f"OpenAI has no {card.name}.", f"Fetch it from the hub: models download {card.name}")
    line = line or Line()
    urls = [f"{card.openai}/{name}" for name in OPENAI_FILES]
    files = tuple(RemoteFile(name, url, remote_size(url, line)) for name, url in zip(OPENAI_FILES, urls, strict=True))
    provenance = Provenance(origin=f"openai:{card.openai}", licence=card.licence)
    return Offer(name=card.name, files=files, provenance=provenance, line=line)


def with_line(offer: Offer, **changes: Any) -> Offer:
    """The same offer, fetched with other patience."""
    return replace(offer, line=replace(offer.line, **changes))


def _chosen(repository: str, known: Sequence[str] | dict[str, Any]) -> list[str]:
    """The files that make a model, the small ones first."""
    if "config.json" not in known:
        raise FormatError(f"{repository} has no config.json: it is no model that can be opened.", _LOOK)
    return ["config.json", *_vocabulary(repository, known), *_weights(repository, known)]


def _vocabulary(repository: str, known: Sequence[str] | dict[str, Any]) -> list[str]:
    if "vocab.json" in known and "merges.txt" in known:
        return ["vocab.json", "merges.txt"]
    for name, whose in _OTHER_TOKENIZERS.items():
        if name in known:
            raise FormatError(
                f"{repository} has {whose} tokenizer ({name}), not GPT-2's.", "Only models with GPT-2's can be used."
            )
    return ["tokenizer.json"] if "tokenizer.json" in known else []


def _weights(repository: str, known: Sequence[str] | dict[str, Any]) -> list[str]:
    for whole, kind in (("model.safetensors", "safetensors"), ("pytorch_model.bin", "bin")):
        if whole in known:
            return [whole]
        if f"{whole}.index.json" in known:
            shards = sorted(name for name in known if (part := _SHARDS.fullmatch(name)) and part[2] == kind)
            return [f"{whole}.index.json", *shards]
    raise FormatError(f"{repository} has no weights as safetensors or for PyTorch.", _LOOK)


_LOOK = "Look for another: gpt2studio models find WORD"


def _check_kind(repository: str, kind: object) -> None:
    if isinstance(kind, str) and kind != "gpt2":
        raise FormatError(f"{repository} is a model of the kind “{kind}”, not a GPT-2.", _LOOK)


def _found(model: Any) -> Found:
    numbers = getattr(model, "safetensors", None)
    licences = [tag.removeprefix("license:") for tag in model.tags or () if tag.startswith("license:")]
    return Found(
        repository=model.id,
        downloads=model.downloads or 0,
        likes=model.likes or 0,
        parameters=int(getattr(numbers, "total", 0) or 0),
        licence=licences[0] if licences else "",
        gated=bool(model.gated),
    )


def _endpoint() -> str:
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def _check_online() -> None:
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise StudioError("HF_HUB_OFFLINE is set, so nothing is fetched.", "Unset it to use the network.")


def _asked(what: str, question: Callable[[], T]) -> T:
    """The hub's answer, within a time. Raises StudioError for whatever its library raises."""
    from huggingface_hub import errors
    from huggingface_hub.utils.logging import set_verbosity

    set_verbosity(ERROR)  # what it does between attempts is told in our words, and never over a screen
    _check_online()
    host = urlsplit(_endpoint()).netloc
    try:
        return _within(_PATIENCE, question, host)
    except StudioError:
        raise
    except errors.HFValidationError:
        raise NotFoundError(f"“{what}” is no name of a model on the hub.", "They are like OWNER/NAME.") from None
    except errors.GatedRepoError:
        raise of_status(403, host, what) from None
    except errors.RepositoryNotFoundError:
        # The hub says the same of what is not there and of what is private.
        hint = "Check the name: gpt2studio models find WORD. For a private one set HF_TOKEN."
        raise NotFoundError(f"{host} has no model “{what}”.", hint) from None
    except errors.HfHubHTTPError as error:
        raise of_status(error.response.status_code, host, f"“{what}”") from None
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise StudioError(
            f"{host} answers what nobody understands: {type(error).__name__}: {error}.",
            "With HF_ENDPOINT set, its mirror may be at fault; else try again later.",
        ) from None
    except Exception as error:  # the HTTP library beneath differs between versions of the hub's
        raise StudioError(f"{host} cannot be reached: {why_unreached(error)}.", _NETWORK) from None


def _within(seconds: float, question: Callable[[], T], host: str) -> T:
    """The answer; a hub that never answers holds up a thread, not a person."""
    answers: list[T] = []
    faults: list[Exception] = []

    def ask() -> None:
        try:
            answers.append(question())
        except Exception as error:  # raised again where it is waited for
            faults.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not answers:
        raise StudioError(f"{host} has said nothing for {seconds:.0f} seconds.", _NETWORK)
    return answers[0]
