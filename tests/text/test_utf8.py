import codecs

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.text.utf8 import StreamDecoder, sound

PARTS = st.lists(
    st.binary(max_size=6) | st.sampled_from([bytes([byte]) for byte in "é天👍🏽".encode()] + ["天".encode(), b"a"])
)


@given(PARTS)
def test_bytes_in_parts_decode_as_the_whole_does(parts: list[bytes]) -> None:
    decoder = StreamDecoder()
    text = "".join([decoder.push(part) for part in parts])
    assert text + decoder.finish() == b"".join(parts).decode("utf-8", "replace")


@given(st.text(), st.data())
def test_sound_text_never_shows_half_a_character(text: str, data: st.DataObject) -> None:
    encoded = text.encode()
    cut = data.draw(st.integers(0, len(encoded)))
    decoder = StreamDecoder()
    first = decoder.push(encoded[:cut])
    assert text.startswith(first)
    assert len(encoded[:cut]) - len(first.encode()) < 4
    assert first + decoder.push(encoded[cut:]) == text
    assert decoder.finish() == ""


@given(PARTS)
def test_a_finished_decoder_starts_anew(parts: list[bytes]) -> None:
    decoder = StreamDecoder()
    for part in parts:
        decoder.push(part)
    assert decoder.finish() in ("", "\ufffd")
    assert decoder.push("天".encode()) == "天"


@given(st.text(st.characters()))
def test_sound_text_can_be_encoded_and_stays(text: str) -> None:
    assert codecs.encode(sound(text), "utf-8").decode() == sound(text)
    assert sound(sound(text)) == sound(text)


@given(st.text())
def test_text_that_is_sound_is_not_changed(text: str) -> None:
    assert sound(text) == text
