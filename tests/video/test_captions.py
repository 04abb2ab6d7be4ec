"""Captions are read as others write them, and written so that words stay words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.captions import (
    LONGEST_TEXT,
    MOST_BYTES,
    MOST_CUES,
    CaptionTrouble,
    Cue,
    ordered,
    plain,
    read,
    to_srt,
    to_vtt,
)

VTT = """WEBVTT - a lesson

NOTE not for the eye

STYLE
::cue { color: red }

1
00:01.000 --> 00:02.500 align:start position:0%
<v Tom>Five &amp; <i>six</i>
is eleven

00:00:03.000 --> 00:00:04.000
{x} &lt; {y}
"""
SRT = (
    "1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}<i>Five</i> & six\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:04,000\r\n{x} < {y}\r\n"
)


def cue(in_ms: int, out_ms: int, text: str) -> Cue:
    return Cue(in_ms=in_ms, out_ms=out_ms, text=text)


def test_webvtt_is_read_without_its_marks() -> None:
    assert read(VTT.encode()) == [cue(1000, 2500, "Five & six\nis eleven"), cue(3000, 4000, "{x} < {y}")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_srt_is_read_however_it_was_saved(encoding: str) -> None:
    found = read(SRT.replace("six", "six – très").encode(encoding))
    assert found == [cue(1000, 2500, "Five & six – très"), cue(3000, 4000, "{x} < {y}")]


def test_captions_come_in_order_and_empty_ones_go() -> None:
    cues = [cue(5000, 6000, "later"), cue(1000, 2000, "first"), cue(3000, 3000, "no time"), cue(4000, 5000, "")]
    assert ordered(cues) == [cue(1000, 2000, "first"), cue(5000, 6000, "later")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "could not find captions"),
        (b"Dear all, here are the captions.", "could not find captions"),
        (b"\x00\xff\xfe" * 100, "could not find captions"),
        (b"WEBVTT\n\nsoon --> later\nHello\n", "Of 1 captions in this file, 1 have times"),
        (b"x" * (MOST_BYTES + 1), "larger than 1 MB"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "no words"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"x" * (LONGEST_TEXT + 1), "at 0:01 is longer than"),
    ],
)
def test_what_is_none_says_so_with_a_mend(data: bytes, said: str) -> None:
    with pytest.raises(CaptionTrouble, match=said):
        read(data)


def test_there_is_an_end_to_them() -> None:
    many = [cue(at, at + 1, "x") for at in range(MOST_CUES + 1)]
    with pytest.raises(CaptionTrouble, match="more than"):
        ordered(many)


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\ue000\ue001"), min_size=1, max_size=80)
CUES = st.lists(
    st.builds(
        lambda at, lasts, text: cue(at, at + lasts, plain(text)), st.integers(0, 9_000_000), st.integers(1, 9000), WORDS
    ),
    min_size=1,
    max_size=20,
).filter(lambda cues: any(one.text for one in cues))


@given(CUES)
def test_what_is_written_is_read_back_word_for_word(cues: list[Cue]) -> None:
    kept = ordered(cues)
    assert read(to_vtt(kept).encode()) == kept


@given(CUES)
def test_no_words_become_marks_times_or_cues(cues: list[Cue]) -> None:
    kept = ordered(cues)
    text = to_vtt(kept)
    assert text.count("-->") == len(kept)
    assert "<" not in text
    assert to_srt(kept).count("-->") == len(kept)


@given(
    st.binary(max_size=400) | st.binary(max_size=300).map(lambda data: b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + data)
)
def test_no_bytes_bring_it_down(data: bytes) -> None:
    try:
        found = read(data)
    except CaptionTrouble:
        return
    assert found == ordered(found)
