"""The stages that other programs brought, each against transformers, or its paper's formula written out here."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from transformers.generation import logits_process as theirs

from gpt2studio.engine.candidate import Candidate
from gpt2studio.engine.cutting import next_bound
from gpt2studio.engine.language import Language
from gpt2studio.engine.sampling import FUNCTIONS, NOTHING_SEEN, Logits, Seen
from gpt2studio.engine.situation import seen_of
from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.wire.draw import uniform
from gpt2studio.wire.messages import Continue, Token
from gpt2studio.wire.sampling import FIRST_STAGES, NEUTRAL, STAGES, Sampling
from tests.engine.test_sampling import ANY_LOGITS, LOGITS, Floats, agree, by_transformers, dense, softmax

HISTORIES = st.lists(st.integers(0, 3), max_size=30)
FEW = st.lists(st.integers(-300, 300), min_size=4, max_size=12, unique=True).map(
    lambda numbers: np.array(numbers, dtype=np.float32) / 100
)


@pytest.fixture(scope="module")
def language() -> Language:
    return Language(Tokenizer.of_folder(shipped("models") / "storyteller"))


def after(stage: str, values: Floats, sampling: Sampling, seen: Seen = NOTHING_SEEN) -> Logits:
    return FUNCTIONS[stage](Logits(values), seen, sampling)


@given(LOGITS, st.floats(1e-5, 0.5))
def test_epsilon_and_eta_are_those_of_transformers(values: Floats, cut: float) -> None:
    chances = softmax(values)
    unsure = -(chances * np.log(np.maximum(chances, 1e-300))).sum()
    for least in (cut, min(cut, math.sqrt(cut) * math.exp(-unsure))):
        assume(np.abs(chances - least).min() > 1e-6)
    agree(
        "epsilon",
        values,
        replace(NEUTRAL, epsilon_cutoff=cut),
        by_transformers(theirs.EpsilonLogitsWarper(cut), values),
    )
    agree("eta", values, replace(NEUTRAL, eta_cutoff=cut), by_transformers(theirs.EtaLogitsWarper(cut), values))


@given(FEW, HISTORIES.filter(bool), st.integers(1, 4))
def test_no_repeat_is_that_of_transformers(values: Floats, history: list[int], size: int) -> None:
    expected = by_transformers(theirs.NoRepeatNGramLogitsProcessor(size), values, history)
    assume(np.isfinite(expected).any())
    agree("no_repeat", values, replace(NEUTRAL, no_repeat_ngram=size), expected, history)


@given(FEW, st.sets(st.integers(0, 3), min_size=1))
def test_banned_tokens_are_those_of_transformers(values: Floats, banned: set[int]) -> None:
    assume(len(banned) < len(values))
    expected = by_transformers(theirs.SuppressTokensLogitsProcessor(sorted(banned), "cpu"), values)
    agree("bans", values, replace(NEUTRAL, banned_tokens=tuple(banned)), expected)


def test_where_all_is_banned_nothing_is() -> None:
    values = np.array([1.0, 2.0], dtype=np.float32)
    assert len(after("bans", values, replace(NEUTRAL, banned_tokens=(0, 1, 99))).values) == 2


@given(FEW, HISTORIES, st.floats(0.1, 3), st.integers(1, 4), st.sets(st.integers(0, 3), max_size=1))
def test_dry_takes_off_by_the_longest_repetition_that_a_token_goes_on_with(
    values: Floats, history: list[int], multiplier: float, allowed: int, breakers: set[int]
) -> None:
    sampling = replace(NEUTRAL, dry_multiplier=multiplier, dry_base=1.5, dry_length=allowed)
    expected = values.astype(np.float64)
    for token in range(len(values)):
        if token in breakers:
            continue
        longest = 0
        for length in range(1, len(history)):
            end = history[len(history) - length :]
            if breakers & set(end):
                break
            places = range(len(history) - length)
            if any([*end, token] == history[at : at + length + 1] for at in places):
                longest = length
        if longest >= allowed:
            expected[token] -= multiplier * 1.5 ** (longest - allowed)
    seen = replace(Seen.of(history), breakers=breakers)
    ours = dense(after("dry", values, sampling, seen), len(values))
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


@given(FEW, st.floats(0.3, 2), st.floats(0.1, 1.5), st.floats(0.5, 3))
def test_a_dynamic_temperature_follows_the_entropy(values: Floats, middle: float, around: float, power: float) -> None:
    chances = softmax(values)
    share = -(chances * np.log(chances)).sum() / np.log(len(chances))
    low = max(0.0, middle - around)
    divisor = max(low + (middle + around - low) * share**power, 1e-30)
    sampling = replace(NEUTRAL, temperature=middle, dynamic_range=around, dynamic_exponent=power)
    agree("temperature", values, sampling, values / np.float32(divisor))


@given(FEW, st.floats(0.01, 1))
def test_top_a_keeps_what_reaches_a_times_the_square_of_the_most(values: Floats, a: float) -> None:
    chances = softmax(values)
    assume(np.abs(chances - a * chances.max() ** 2).min() > 1e-6)
    kept = after("top_a", values, replace(NEUTRAL, top_a=a)).ids().tolist()
    assert kept == [n for n, chance in enumerate(chances) if chance >= a * chances.max() ** 2]


@given(FEW, st.floats(0.01, 0.99))
def test_tail_free_keeps_tokens_until_the_bends_before_them_pass_z(values: Floats, z: float) -> None:
    order = sorted(range(len(values)), key=lambda n: -values[n])
    chances = [float(softmax(values)[n]) for n in order]
    bends = [abs((chances[n] - chances[n + 1]) - (chances[n + 1] - chances[n + 2])) for n in range(len(chances) - 2)]
    shares = np.cumsum(bends) / sum(bends)
    assume(np.abs(shares - z).min() > 1e-6)
    # The first token always stays, the last, which has no bend, never does.
    wanted = [order[0], *(order[n] for n in range(1, len(order) - 1) if shares[n - 1] <= z)]
    kept = after("tail_free", values, replace(NEUTRAL, tail_free=z)).ids().tolist()
    assert kept == sorted(wanted)


@given(FEW, st.floats(0.02, 0.5), st.floats(0, 1, exclude_max=True), st.floats(0.1, 0.9))
def test_xtc_cuts_all_top_choices_but_the_least_when_its_coin_says_so(
    values: Floats, threshold: float, coin: float, chance: float
) -> None:
    chances = softmax(values)
    assume(np.abs(chances - threshold).min() > 1e-6)
    sampling = replace(NEUTRAL, xtc_probability=chance, xtc_threshold=threshold)
    top = [n for n in range(len(values)) if chances[n] >= threshold]
    out = set(top) - {min(top, key=lambda n: chances[n])} if coin < chance and len(top) > 1 else set()
    kept = after("xtc", values, sampling, replace(NOTHING_SEEN, coin=coin)).ids().tolist()
    assert kept == [n for n in range(len(values)) if n not in out]


@given(st.lists(FEW, min_size=1, max_size=6), st.floats(0.5, 4), st.floats(0.05, 1), st.integers(0, 99))
def test_mirostat_follows_its_paper(steps: list[Floats], tau: float, rate: float, seed: int) -> None:
    sampling = replace(NEUTRAL, mirostat_tau=tau, mirostat_eta=rate)
    bound, seen = 2 * tau, NOTHING_SEEN
    for index, values in enumerate(steps):
        surprise = -np.log2(softmax(values))
        assume(np.abs(surprise - bound).min() > 1e-6)
        wanted = [n for n in range(len(values)) if surprise[n] <= bound or surprise[n] == surprise.min()]
        left = after("mirostat", values, sampling, seen)
        assert left.ids().tolist() == wanted
        token = wanted[int(uniform(seed, 0, index) * len(wanted))]
        bound -= rate * (float(surprise[token]) - tau)
        seen = replace(seen, bound=next_bound(Logits(values), token, seen, sampling))
        assert seen.bound == pytest.approx(bound, abs=1e-4)


@given(ANY_LOGITS, st.sampled_from(STAGES), HISTORIES)
def test_the_strictest_settings_leave_something(values: Floats, stage: str, history: list[int]) -> None:
    strict = replace(
        NEUTRAL,
        banned_tokens=tuple(range(60)),
        no_repeat_ngram=1,
        dry_multiplier=100.0,
        dynamic_range=10.0,
        top_a=1.0,
        tail_free=0.001,
        epsilon_cutoff=0.999,
        eta_cutoff=0.999,
        xtc_probability=1.0,
        xtc_threshold=0.0,
        mirostat_tau=1e-9,
    )
    left = after(stage, values, strict, replace(Seen.of(history), coin=0.0, bound=-50.0))
    assert len(left.values) > 0
    assert np.isfinite(left.values).all()


def test_a_banned_text_is_kept_from_standing_whatever_tokens_would_spell_it(language: Language) -> None:
    banned = replace(NEUTRAL, banned_texts=("the king", "nau"))
    for before in ("He saw the k", "he the", "", "It was nau", "n", "the kin", "the king na"):
        tokens = language.tokenizer.encode(before)
        seen = seen_of(tokens, 0, len(tokens), banned, language)
        stands = b"".join(language.token_bytes[token] for token in tokens)
        for token, data in enumerate(language.token_bytes):
            completes = any((stands + data).count(text) > stands.count(text) for text in (b"the king", b"nau"))
            assert (token in seen.banned) == completes, (before, data)


def test_repetitions_are_sought_as_far_back_as_the_model_sees(language: Language) -> None:
    dry = replace(NEUTRAL, dry_multiplier=1.0)
    tokens = list(range(100, 1200))
    assert seen_of(tokens, 0, len(tokens), dry, language).history == tokens[-1024:]
    assert seen_of(tokens, 300, len(tokens), dry, language).history == tokens[300:]


def written(language: Language, values: Sequence[Floats], sampling: Sampling, candidate: int = 0) -> list[int]:
    """The tokens that one candidate draws from these logits."""
    prompt = language.prompt("Once", special=False, heal=False)
    request = Continue(id="1", text="Once", sampling=sampling, seed=5, length=len(values), stop_at_end=False)
    one = Candidate(request, candidate, prompt, language)
    said = [line for each in values for line in one.take(each)]
    return [line.token for line in said if isinstance(line, Token)]


def test_xtc_and_mirostat_draw_the_same_alone_and_again(language: Language) -> None:
    generator = np.random.default_rng(1)
    steps = [generator.normal(0, 3, len(language.token_bytes)).astype(np.float32) for _ in range(12)]
    steered = replace(NEUTRAL, mirostat_tau=3.0, mirostat_eta=0.5, xtc_probability=0.5, xtc_threshold=0.01)
    first = written(language, steps, steered)
    assert first == written(language, steps, steered)
    assert first != written(language, steps, NEUTRAL)
    assert first != written(language, steps, steered, candidate=1)
    # What came first does not depend on how much is asked for.
    assert written(language, steps[:5], steered) == first[:5]


def test_an_order_from_before_there_were_more_stages_leaves_none_of_them_out() -> None:
    assert Sampling(order=FIRST_STAGES).order == STAGES
    assert Sampling(order=("top_k", "temperature")).order == ("top_k", "temperature")
