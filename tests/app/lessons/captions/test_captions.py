"""Captions: brought and mended by the teacher alone, read by whoever may watch, while they aren't hidden."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.lessons.captions.forms import ON_A_PAGE
from app.lessons.captions.models import Captions
from app.lessons.playback.models import AccessEvent
from tests.app.lessons.recordings.lesson import Lesson
from tests.app.observation.scene import build

VTT = "WEBVTT\n\n00:01.000 --> 00:02.500\nFive & <b>six</b>\n\n00:04:12.000 --> 00:04:14.000\nis eleven\n"


@pytest.fixture
def lesson(sessions: sessionmaker[Session], tmp_path: Path) -> Lesson:
    """Tom's lesson of twelve minutes."""
    return Lesson(build(sessions, tmp_path))


def bring(lesson: Lesson, words: str = VTT, *, who: str = "Tom", lang: str = "en") -> TestResponse:
    file = (BytesIO(words.encode()), "words.vtt")
    return lesson.scene[who].post(f"{lesson.at}/captions", {"file": file, "lang": lang})


def kept(lesson: Lesson) -> list[Captions]:
    with lesson.scene.sessions() as session:
        return list(session.scalars(select(Captions).order_by(Captions.lang)))


def file_at(lesson: Lesson, lang: str = "en") -> str:
    return f"/media/{lesson.scene.ids['recording']}/captions/{lang}.vtt"


def test_they_are_brought_and_read_by_whoever_watches(lesson: Lesson) -> None:
    assert bring(lesson).status_code == 303
    page = lesson.scene["Tom"].get(f"{lesson.at}/captions").text
    assert "2 captions, from 0:01 to 4:14." in page
    amina = lesson.scene["Amina"]
    assert f'src="{file_at(lesson)}" srclang="en" label="English"' in amina.get(lesson.at).text
    played = amina.get(f"/api/v1{lesson.at}/play").get_json()
    assert played["captions"] == [{"lang": "en", "src": file_at(lesson), "made_by": "person"}]
    text = amina.get(file_at(lesson)).text
    assert "Five &amp; six" in text
    assert "00:04:12.000 --> 00:04:14.000" in text
    with lesson.scene.sessions() as session:
        handed = session.scalars(select(AccessEvent).where(AccessEvent.what == "captions")).all()
        acts = session.scalars(select(AuditEvent).where(AuditEvent.what.like("captions.%"))).all()
    assert [(event.clause, event.rendition) for event in handed] == [("watch_named", "en")]
    assert [(act.what, act.rule, act.count) for act in acts] == [("captions.kept", "watch_owner", 2)]


def test_hidden_nobody_reads_them_and_shown_they_are_as_before(lesson: Lesson) -> None:
    bring(lesson)
    tom, amina = lesson.scene["Tom"], lesson.scene["Amina"]
    assert tom.post(f"{lesson.at}/captions/en/hide").status_code == 303
    assert amina.get(file_at(lesson)).status_code == 404
    assert amina.get(f"/api/v1{lesson.at}/play").get_json()["captions"] == []
    assert "<track" not in amina.get(lesson.at).text
    assert "Hidden: nobody but you can read them." in tom.get(f"{lesson.at}/captions").text
    assert tom.post(f"{lesson.at}/captions/en/show").status_code == 303
    assert amina.get(file_at(lesson)).status_code == 200


def test_paused_nobody_else_reads_a_word(lesson: Lesson) -> None:
    bring(lesson)
    lesson.scene["Tom"].post(f"{lesson.at}/pause")
    assert [lesson.scene[who].get(file_at(lesson)).status_code for who in ("Amina", "Tom")] == [404, 200]


def test_only_the_teacher_brings_mends_hides_and_takes_away(lesson: Lesson) -> None:
    bring(lesson)
    pages = ("", "/en", "/en.vtt", "/en.srt", "/en/delete")
    for who in ("Amina", "Joan", "Zoe"):
        asked = [lesson.scene[who].get(f"{lesson.at}/captions{page}").status_code for page in pages]
        assert asked == [404] * len(pages), who
        assert bring(lesson, who=who).status_code == 404
        acts = ("/en", "/en/hide", "/en/show", "/en/delete")
        sent = [lesson.scene[who].post(f"{lesson.at}/captions{act}").status_code for act in acts]
        assert sent == [404] * len(acts), who
    assert [(one.lang, one.hidden, len(one.cues)) for one in kept(lesson)] == [("en", False, 2)]
    for who in ("Joan", "Zoe"):
        assert lesson.scene[who].get(file_at(lesson)).status_code == 404


@pytest.mark.parametrize(
    ("words", "lang", "said"),
    [
        ("Dear all", "en", "We could not find captions in this file. Choose a .vtt or an .srt file."),
        ("WEBVTT\n\n00:13:00.000 --> 00:13:01.000\nx\n", "en", "These captions begin after the lesson ends"),
        (VTT, "xx", "Choose the language."),
    ],
)
def test_what_can_not_be_kept_says_so_and_leaves_all_as_it_is(lesson: Lesson, words: str, lang: str, said: str) -> None:
    bring(lesson)
    answer = bring(lesson, words, lang=lang)
    assert answer.status_code == 422
    assert said in answer.text
    assert [(one.lang, len(one.cues)) for one in kept(lesson)] == [("en", 2)]


def test_without_a_file_it_asks_for_one(lesson: Lesson) -> None:
    answer = lesson.scene["Tom"].post(f"{lesson.at}/captions", {"lang": "en"})
    assert answer.status_code == 422
    assert answer.text.count("Choose the file with the captions.") == 2


def mended(
    lesson: Lesson, *rows: tuple[str, str, str], version: int = 1, page: int = 1, count: int = 2
) -> TestResponse:
    form: dict[str, Any] = {"page": page, "version": version, "count": count}
    form |= {name: [row[place] for row in rows] for place, name in enumerate(("begins", "ends", "text"))}
    return lesson.scene["Tom"].post(f"{lesson.at}/captions/en", form)


def test_words_and_times_are_mended_added_and_taken_away(lesson: Lesson) -> None:
    bring(lesson)
    page = lesson.scene["Tom"].get(f"{lesson.at}/captions/en").text
    assert 'value="0:02.5"' in page
    answer = mended(lesson, ("0:01", "0:02.5", ""), ("4:12", "4:14", "is twelve"), ("0:30", "0:31.25", "New --> one"))
    assert answer.status_code == 303
    (captions,) = kept(lesson)
    assert [(cue["in_ms"], cue["out_ms"], cue["text"]) for cue in captions.cues] == [
        (30_000, 31_250, "New → one"),
        (252_000, 254_000, "is twelve"),
    ]


def test_another_tab_s_words_are_never_overwritten_unseen(lesson: Lesson) -> None:
    bring(lesson)
    assert mended(lesson, ("0:01", "0:02", "first"), ("4:12", "4:14", "is")).status_code == 303
    answer = mended(lesson, ("0:01", "0:02", "second"), ("4:12", "4:14", "is"))
    assert answer.status_code == 409
    assert "first" in answer.text
    assert "second" in answer.text
    assert kept(lesson)[0].cues[0]["text"] == "first"
    assert mended(lesson, ("0:01", "0:02", "second"), ("4:12", "4:14", "is"), version=2).status_code == 303


@pytest.mark.parametrize(
    ("row", "mend"),
    [
        (("soon", "0:02", "x"), "Write a time like 4:12, or 252 for seconds."),
        (("0:03", "0:02", "x"), "The end must come after the beginning."),
        (("0:01", "0:02", "x" * 501), "Keep this to 500 characters, or split it in two."),
    ],
)
def test_a_row_that_can_not_be_kept_says_so_and_stays_typed(
    lesson: Lesson, row: tuple[str, str, str], mend: str
) -> None:
    bring(lesson)
    answer = mended(lesson, row, ("4:12", "4:14", "is mended"))
    assert answer.status_code == 422
    assert answer.text.count(mend) == 2
    assert "is mended" in answer.text
    assert kept(lesson)[0].cues[1]["text"] == "is eleven"


def test_the_last_word_is_taken_away_elsewhere(lesson: Lesson) -> None:
    bring(lesson)
    answer = mended(lesson, ("0:01", "0:02", ""), ("4:12", "4:14", ""))
    assert answer.status_code == 422
    assert "No caption would be left." in answer.text


def test_a_long_list_has_pages_and_each_mends_its_own(lesson: Lesson) -> None:
    cues = "\n".join(
        f"{at // 60:02}:{at % 60:02}.000 --> {at // 60:02}:{at % 60:02}.900\nword {at}\n" for at in range(120)
    )
    bring(lesson, f"WEBVTT\n\n{cues}")
    page = lesson.scene["Tom"].get(f"{lesson.at}/captions/en?page=3").text
    assert "Page 3 of 3" in page
    assert "word 100" in page
    assert "word 99<" not in page
    rows = [(f"1:{at - 60:02}", f"1:{at - 60:02}.9", f"mended {at}") for at in range(100, 120)]
    assert mended(lesson, *rows, page=3, count=20).status_code == 303
    words = [cue["text"] for cue in kept(lesson)[0].cues]
    assert words[: 2 * ON_A_PAGE] == [f"word {at}" for at in range(100)]
    assert words[2 * ON_A_PAGE :] == [f"mended {at}" for at in range(100, 120)]


def test_they_are_downloaded_as_a_file_and_brought_back_the_same(lesson: Lesson) -> None:
    bring(lesson)
    before = kept(lesson)[0].cues
    for kind in ("vtt", "srt"):
        answer = lesson.scene["Tom"].get(f"{lesson.at}/captions/en.{kind}")
        assert answer.headers["Content-Disposition"] == f"attachment; filename=captions-en.{kind}"
        bring(lesson, answer.text)
        assert kept(lesson)[0].cues == before


def test_taken_away_they_are_gone(lesson: Lesson) -> None:
    bring(lesson)
    bring(lesson, lang="cy")
    assert "What goes" in lesson.scene["Tom"].get(f"{lesson.at}/captions/cy/delete").text
    assert lesson.scene["Tom"].post(f"{lesson.at}/captions/cy/delete").status_code == 303
    assert [one.lang for one in kept(lesson)] == ["en"]
    assert lesson.scene["Amina"].get(file_at(lesson, "cy")).status_code == 404


def test_an_engine_s_words_say_that_a_machine_wrote_them(lesson: Lesson) -> None:
    bring(lesson)
    with lesson.scene.sessions.begin() as session:
        session.scalars(select(Captions)).one().made_by = "machine"
    assert 'label="English, by a machine"' in lesson.scene["Amina"].get(lesson.at).text
    assert "Written by a machine" in lesson.scene["Tom"].get(f"{lesson.at}/captions").text
