"""Each code has its sentence, and says whether trying again makes sense."""

import pytest

from video.errors import RETRYABLE, SENTENCES, MediaError, say_for


@pytest.mark.parametrize("code", SENTENCES)
def test_a_code_says_a_whole_sentence(code: str) -> None:
    assert say_for(code)[0].isupper()
    assert say_for(code).endswith((".", ")."))


def test_an_unknown_code_is_a_defect() -> None:
    with pytest.raises(KeyError):
        MediaError("no such thing")


def test_only_our_own_faults_are_tried_again() -> None:
    assert {code for code in SENTENCES if MediaError(code).retryable} == RETRYABLE == {"frames_lost"}


def test_detail_is_for_the_log_and_not_for_the_teacher() -> None:
    error = MediaError("too_costly", detail="priced at 400 s")
    assert "400" not in error.say
    assert "400" in str(error)
