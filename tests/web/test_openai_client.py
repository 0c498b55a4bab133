"""The interface as OpenAI's own client sees it, with the shipped model."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer
from tests.web.sites import Site

PROMPT = "Once upon a time there was a king who"
STRANGE = "<script>alert('x')</script>\n\n<|endoftext|> 雪\t🦊👩‍👩‍👧 \r\n e\u0301 \u202eright"


@pytest.fixture(scope="module")
def client(tales: Site) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{tales.base}/v1", api_key="unused", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.of_folder(shipped("models") / "storyteller")


def complete(client: openai.OpenAI, prompt: Any = PROMPT, **options: Any) -> Any:
    # Among few tokens it is rare that a draw falls so near a border that rounding decides.
    given = {"seed": 7, "extra_body": {"top_k": 40}, **options}
    return client.completions.create(model="storyteller", prompt=prompt, **given)


def score(text: str) -> Any:
    """What ``gpt2studio score`` says of a text."""
    done = subprocess.run(
        [sys.executable, "-m", "gpt2studio", "score", "-", "--json", "--model", "storyteller"],
        input=text.encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return json.loads(done.stdout)


def test_the_served_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["storyteller"]
    assert client.models.retrieve("storyteller").owned_by == "gpt2studio"


def test_a_completion_with_the_defaults_of_the_interface(client: openai.OpenAI, tokenizer: Tokenizer) -> None:
    done = complete(client, extra_body={})
    assert done.object == "text_completion"
    assert done.id.startswith("cmpl-")
    [choice] = done.choices
    assert (choice.index, choice.finish_reason, choice.logprobs) == (0, "length", None)
    assert done.usage.prompt_tokens == len(tokenizer.encode(PROMPT))
    assert done.usage.completion_tokens == 16
    assert done.usage.total_tokens == done.usage.prompt_tokens + 16


def test_the_same_seed_gives_the_same_text_and_another_seed_another(client: openai.OpenAI) -> None:
    first, second, other = (complete(client, seed=seed).choices[0].text for seed in (7, 7, 8))
    assert first == second != other


@pytest.mark.parametrize("options", [{}, {"n": 3}, {"stop": [" the", ","]}, {"echo": True}, {"logprobs": 2}])
def test_a_stream_has_the_same_text_as_the_whole(client: openai.OpenAI, options: dict[str, Any]) -> None:
    whole = complete(client, max_tokens=40, **options)
    texts = ["" for _ in whole.choices]
    finishes: list[Any] = [None for _ in whole.choices]
    chunks = list(complete(client, max_tokens=40, stream=True, **options))
    tokens: list[list[str]] = [[] for _ in whole.choices]
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] += choice.text
            finishes[choice.index] = choice.finish_reason or finishes[choice.index]
            tokens[choice.index] += choice.logprobs.tokens if choice.logprobs else []
    assert texts == [choice.text for choice in whole.choices]
    assert finishes == [choice.finish_reason for choice in whole.choices]
    assert tokens == [choice.logprobs.tokens if choice.logprobs else [] for choice in whole.choices]
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_tells_its_usage_when_asked(client: openai.OpenAI) -> None:
    chunks = list(complete(client, stream=True, stream_options={"include_usage": True}))
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-1].choices == []
    assert chunks[-1].usage == complete(client).usage


def test_log_probabilities_are_those_of_gpt2studio_score(client: openai.OpenAI) -> None:
    done = complete(client, echo=True, logprobs=3, max_tokens=12, temperature=0)
    [choice] = done.choices
    scored = score(choice.text)
    assert choice.text.startswith(PROMPT)
    assert choice.logprobs.tokens == scored["texts"]
    assert choice.logprobs.token_logprobs[0] is None
    assert choice.logprobs.token_logprobs[1:] == pytest.approx(scored["logprobs"][1:], abs=1e-4)
    for token, offset in zip(choice.logprobs.tokens, choice.logprobs.text_offset, strict=True):
        assert choice.text[offset : offset + len(token)] == token
    for token, logprob, top in list(
        zip(choice.logprobs.tokens, choice.logprobs.token_logprobs, choice.logprobs.top_logprobs, strict=True)
    )[1:]:
        assert top[token] == pytest.approx(logprob, abs=1e-4)
        assert 3 <= len(top) <= 4
    assert choice.logprobs.top_logprobs[0] is None


def test_a_text_can_be_scored_without_going_on(client: openai.OpenAI, tokenizer: Tokenizer) -> None:
    done = complete(client, "The snow 雪 fell.", echo=True, logprobs=0, max_tokens=0)
    [choice] = done.choices
    assert choice.text == "The snow 雪 fell."
    tokens = tokenizer.encode(choice.text)
    longer = complete(client, "The snow 雪 fell.", echo=True, logprobs=0, max_tokens=3).choices[0]
    assert choice.logprobs.token_logprobs == longer.logprobs.token_logprobs[: len(tokens)]
    assert choice.logprobs.top_logprobs is None
    assert any(token.startswith("bytes:\\x") for token in choice.logprobs.tokens)
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (len(tokens), 0)


def test_log_probabilities_are_of_the_model_before_sampling(client: openai.OpenAI) -> None:
    def first(**options: Any) -> Any:
        return complete(client, max_tokens=1, logprobs=1, **options).choices[0].logprobs.top_logprobs[0]

    cold = first(temperature=0)
    assert cold.items() <= first(temperature=2, extra_body={"top_k": 3}).items()


def test_n_choices_are_those_of_the_same_seed(client: openai.OpenAI) -> None:
    three = complete(client, n=3)
    two = complete(client, n=2)
    assert [choice.index for choice in three.choices] == [0, 1, 2]
    assert [choice.text for choice in three.choices][:2] == [choice.text for choice in two.choices]
    assert len({choice.text for choice in three.choices}) == 3
    assert three.usage.completion_tokens == 48


@pytest.mark.parametrize("shown", [{"logprobs": 0}, {}, {"logprobs": 0, "echo": True}])
def test_the_best_of_many_is_the_likeliest_continuation(client: openai.OpenAI, shown: dict[str, Any]) -> None:
    # A prompt that nobody would expect: with its own log-probabilities, a longer continuation would be the best one.
    asked = {"prompt": "Zzz qx. Once upon a time", "stop": ["."], "max_tokens": 40}
    many = complete(client, n=4, logprobs=0, **asked).choices
    best = max(many, key=lambda choice: sum(choice.logprobs.token_logprobs) / len(choice.logprobs.tokens))
    assert best.text != many[0].text
    assert complete(client, n=1, best_of=4, **asked, **shown).choices[0].text.endswith(best.text)


@pytest.mark.parametrize("stop", [",", [",", ".", " and", " the"]])
def test_a_stop_text_ends_a_choice_and_is_not_part_of_it(client: openai.OpenAI, stop: str | list[str]) -> None:
    [choice] = complete(client, max_tokens=200, stop=stop).choices
    assert choice.finish_reason == "stop"
    assert not any(each in choice.text for each in ([stop] if isinstance(stop, str) else stop))


def test_many_prompts_are_answered_in_their_order(client: openai.OpenAI, tokenizer: Tokenizer) -> None:
    prompts = ["The fox", "A very old man lived", "雪"]
    done = complete(client, prompts, n=2, max_tokens=6)
    alone = [complete(client, prompt, n=2, max_tokens=6) for prompt in prompts]
    assert [choice.text for choice in done.choices] == [choice.text for each in alone for choice in each.choices]
    assert done.usage.prompt_tokens == sum(len(tokenizer.encode(prompt)) for prompt in prompts)


def test_a_prompt_may_be_tokens(client: openai.OpenAI, tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode(PROMPT)
    assert complete(client, tokens).choices[0].text == complete(client).choices[0].text
    both = complete(client, [tokens, tokenizer.encode("The fox")])
    assert both.choices[1].text == complete(client, "The fox").choices[0].text
    end = tokenizer.vocabulary.end_token
    assert complete(client, [end, *tokens]).usage.prompt_tokens == len(tokens) + 1


def test_a_bias_bans_and_forces_tokens(client: openai.OpenAI, tokenizer: Tokenizer) -> None:
    [fox] = tokenizer.encode(" fox")
    forced = complete(client, max_tokens=3, logit_bias={str(fox): 100}).choices[0].text
    assert forced == " fox fox fox"
    likeliest = complete(client, max_tokens=1, temperature=0).choices[0].text
    [token] = tokenizer.encode(likeliest)
    assert complete(client, max_tokens=1, temperature=0, logit_bias={str(token): -100}).choices[0].text != likeliest


def test_penalties_count_what_was_written_and_not_the_prompt(client: openai.OpenAI, tokenizer: Tokenizer) -> None:
    [fox] = tokenizer.encode(" fox")

    def foxes(**options: Any) -> int:
        done = complete(client, " fox" * 40, max_tokens=40, temperature=0, logit_bias={str(fox): 30}, **options)
        count: int = done.choices[0].text.count(" fox")
        return count

    assert foxes() == 40
    assert 1 < foxes(frequency_penalty=2) < 40
    assert foxes(presence_penalty=2) == 40


def test_every_character_comes_back_as_it_was_sent(client: openai.OpenAI) -> None:
    assert complete(client, STRANGE, echo=True, max_tokens=0).choices[0].text == STRANGE
    streamed = "".join(
        chunk.choices[0].text for chunk in complete(client, STRANGE, echo=True, max_tokens=3, stream=True)
    )
    assert streamed.startswith(STRANGE)


def test_from_nothing_it_begins_a_document(client: openai.OpenAI) -> None:
    done = complete(client, "")
    assert done.choices[0].text
    assert done.usage.prompt_tokens == 0


def test_a_prompt_longer_than_the_window_slides(client: openai.OpenAI, tokenizer: Tokenizer) -> None:
    long = "The old king and the young fox went into the wood. " * 120
    done = complete(client, long, max_tokens=4)
    assert done.usage.prompt_tokens == len(tokenizer.encode(long)) > 1024
    assert done.usage.completion_tokens == 4


def test_a_border_heals_where_that_is_asked(client: openai.OpenAI) -> None:
    healed = complete(client, "Once upon a ti", max_tokens=3, temperature=0, extra_body={"heal": True})
    assert healed.choices[0].text.startswith("me")


def test_errors_are_those_that_the_client_knows(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as bad:
        complete(client, temperature=9)
    assert bad.value.param == "temperature"
    assert bad.value.type == "invalid_request_error"
    with pytest.raises(openai.NotFoundError) as missing:
        client.completions.create(model="gpt-4", prompt="x")
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")
    with pytest.raises(openai.NotFoundError, match="/v1/completions"):
        client.chat.completions.create(model="storyteller", messages=[{"role": "user", "content": "x"}])
