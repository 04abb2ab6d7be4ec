"""A blurred copy is its teacher's alone until it is used; from then on it is all that anybody gets, and for good."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.audit.models import AuditEvent
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.media import service as media
from app.lessons.media.models import Asset
from app.lessons.recordings.models import MediaState, Recording
from tests.app.lessons.blurs.blurring import BOX, addresses, begin, choose, erase, page, previewed, row, use, whole
from tests.app.lessons.playback.conftest import Shown
from video.blur import Blur, Placing, Region


def test_what_is_drawn_is_kept_and_shown_again(lesson: Shown) -> None:
    assert choose(lesson, voices="y").status_code == 303
    made = row(lesson)
    place = Placing(at_ms=0, x=100, y=205, w=300, h=400)
    assert Blur.from_json(made.wish) == Blur(regions=(Region(placings=(place,)),), voices=True)
    assert (made.from_ms, made.version, made.state) == (1000, 1, BlurState.WAITING)
    shown_again = page(lesson)
    assert 'id="top-0" name="top" type="text" value="20.5"' in shown_again
    assert 'value="y" checked' in shown_again
    assert "They are being made" in shown_again


def test_rows_of_one_number_are_one_box_that_follows(lesson: Shown) -> None:
    rows = {
        "box": ["2", "1", "1", "3"],
        "at": ["0:00", "0:05", "0:01.5", ""],
        "left": ["1", "50", "10", ""],
        "top": ["1", "50", "10", ""],
        "wide": ["9", "20", "20", ""],
        "tall": ["9", "20", "20", ""],
    }
    answer = lesson.scene["Tom"].post(f"{lesson.scene.lesson}/blur", {"how": "boxes", "from": "0", **rows})
    assert answer.status_code == 303
    regions = Blur.from_json(row(lesson).wish).regions
    assert [[one.at_ms for one in region.placings] for region in regions] == [[1500, 5000], [0]]


@pytest.mark.parametrize(
    ("changes", "field", "mend"),
    [
        ({"wide": "95"}, "wide-0", "This reaches beyond the picture: place and size together are 100 at most."),
        ({"tall": "1"}, "tall-0", "Height is a number from 2 to 100: so many hundredths of the picture."),
        ({"left": "a bit"}, "left-0", "Left is a number from 0 to 100: so many hundredths of the picture."),
        ({"at": "soon"}, "at-0", "Write a time like 4:12, or 252 for seconds."),
        ({"box": "9"}, "box-0", "Number the boxes from 1 to 8."),
        ({"from": "later"}, "from", "Write a time like 4:12, or 252 for seconds."),
        ({"from": "0:12"}, "from", "That is after the end of the lesson."),
        ({"how": "magic"}, "how", "Choose one of these."),
        (
            dict.fromkeys(BOX, ""),
            "how",
            "Choose something to blur: the whole picture, at least one box, or the voices.",
        ),
    ],
)
def test_what_can_not_be_blurred_says_so_at_its_field(
    lesson: Shown, changes: dict[str, str], field: str, mend: str
) -> None:
    answer = choose(lesson, **changes)
    assert answer.status_code == 422
    assert answer.text.count(mend) == 2
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    with lesson.scene.sessions() as session:
        assert session.scalars(select(BlurredCopy)).all() == []


def test_two_places_at_one_moment_are_mended(lesson: Shown) -> None:
    twice = {name: [value, value] for name, value in BOX.items()}
    answer = lesson.scene["Tom"].post(f"{lesson.scene.lesson}/blur", {"how": "boxes", "from": "0", **twice})
    assert answer.status_code == 422
    assert "This box has a place at that moment already." in answer.text


def test_before_all_is_ready_nothing_can_be_blurred(lesson: Shown) -> None:
    with lesson.scene.sessions.begin() as session:
        session.get_one(Recording, lesson.scene.ids["recording"]).media_state = MediaState.WATCHABLE
    assert "still being prepared" in page(lesson)
    answer = choose(lesson)
    assert answer.status_code == 409
    assert "It can be blurred once all of it is." in answer.text


def test_it_is_never_said_to_make_anonymous(lesson: Shown) -> None:
    assert "Blurring makes nobody anonymous." in page(lesson)
    whole(lesson)
    assert "Blurring makes nobody anonymous." in page(lesson)
    confirm = lesson.scene["Tom"].get(f"{lesson.scene.lesson}/blur/use").text
    assert "Blurring makes nobody anonymous." in confirm
    assert "This can’t be undone." in confirm


def test_p15_until_it_is_used_nobody_else_learns_that_there_is_one(lesson: Shown) -> None:
    whole(lesson)
    asked = addresses(lesson)
    codes = [lesson.scene["Tom"].get(address).status_code for address in asked]
    assert codes == [200, 200, 200, 200, 200, 302, 302]
    for who in ("Amina", "Priya", "Joan", "Zoe", "Kit"):
        assert [lesson.scene[who].get(address).status_code for address in asked] == [404] * len(asked), who
        for act in ("", "/begin", "/throw-away", "/use"):
            assert lesson.scene[who].post(f"{lesson.scene.lesson}/blur{act}", BOX).status_code == 404, (who, act)
    lesson_page = lesson.scene["Amina"].get(lesson.scene.lesson).text
    assert "Blur it" not in lesson_page
    assert f"{lesson.scene.lesson}/blur" not in lesson_page
    assert lesson.scene["Amina"].get(lesson.piece(1)).location.count("/film/1.m4s") == 1


def test_the_ten_seconds_are_their_teacher_s_alone(lesson: Shown) -> None:
    previewed(lesson)
    address = f"{lesson.folder}/blurred/preview.mp4"
    assert lesson.scene["Tom"].get(address).status_code == 302
    for who in ("Amina", "Joan", "Zoe"):
        assert lesson.scene[who].get(address).status_code == 404, who
    assert begin(lesson).status_code == 303
    assert lesson.scene["Tom"].get(address).status_code == 404, "it goes once the whole is begun"


def test_only_what_was_seen_can_be_begun(lesson: Shown) -> None:
    assert begin(lesson).status_code == 409
    previewed(lesson)
    assert choose(lesson, left="12").status_code == 303
    for version in (1, 2):
        assert begin(lesson, version=version).status_code == 409, "its ten seconds aren't there"


def test_used_everybody_gets_the_copy_and_nothing_of_the_film(lesson: Shown) -> None:
    whole(lesson)
    before = {who: lesson.scene[who].get(lesson.piece(1)).location for who in ("Tom", "Amina")}
    assert use(lesson).status_code == 303
    assert "Everybody watches the blurred copy" in page(lesson)
    with lesson.scene.sessions() as session:
        copy_id = session.scalars(select(Asset.id).where(Asset.kind == "blurred_copy")).one()
    for who in ("Tom", "Amina"):
        asked = lesson.scene[who]
        assert f"/{copy_id}/1.m4s" in asked.get(lesson.piece(1)).location != before[who]
        assert f"/{copy_id}/init.mp4" in asked.get(f"{lesson.folder}/240p/init.mp4").location
        assert f"/{copy_id}/poster.jpg" in asked.get(f"{lesson.folder}/poster.jpg").location
        assert f"/{copy_id}/sheet-0.jpg" in asked.get(f"{lesson.folder}/storyboard/0.jpg").location
        assert asked.get(addresses(lesson)[4]).status_code == 404, "there is none to look over any more"
    erase(lesson)
    assert {key.split("/")[2] for key in lesson.parts.storage.keys("r")} == {str(copy_id)}
    for location in before.values():
        answer = lesson.scene["Tom"].client.get(location)
        assert answer.status_code == 404, "an address of the film, handed out before, answers no more"
    assert "The film as it was is erased." in page(lesson)
    seen = lesson.scene["Tom"].get(f"{lesson.scene.lesson}/seen").text
    assert "Blurred: everybody watches the blurred copy" in seen
    assert "The film as it was before is erased" in seen


def test_what_is_not_whole_can_not_be_used_and_what_is_used_not_changed(lesson: Shown) -> None:
    assert use(lesson).status_code == 409
    previewed(lesson)
    begin(lesson)
    assert "How far it is" in page(lesson)
    assert use(lesson).status_code == 409
    assert choose(lesson).status_code == 409
    assert lesson.scene["Tom"].get(f"{lesson.scene.lesson}/blur/use").status_code == 404


def test_used_it_can_neither_be_thrown_away_nor_chosen_anew(lesson: Shown) -> None:
    whole(lesson)
    use(lesson)
    assert use(lesson).status_code == 409
    assert lesson.scene["Tom"].post(f"{lesson.scene.lesson}/blur/throw-away").status_code == 409
    assert choose(lesson).status_code == 409
    assert row(lesson).state == BlurState.SETTLED


def test_thrown_away_all_is_as_before(lesson: Shown) -> None:
    whole(lesson)
    assert lesson.scene["Tom"].post(f"{lesson.scene.lesson}/blur/throw-away").status_code == 303
    assert "See ten seconds of it" in page(lesson)
    assert "/film/1.m4s" in lesson.scene["Amina"].get(lesson.piece(1)).location
    with lesson.scene.sessions() as session:
        assert session.scalars(select(Asset.kind)).all() == ["source"]
        acts = session.scalars(select(AuditEvent.what).where(AuditEvent.what.startswith("blur."))).all()
    assert list(acts) == ["blur.chosen", "blur.begun", "blur.thrown_away"]


@pytest.mark.parametrize("act", ["pause", "withdraw"])
def test_a_lesson_that_is_closed_to_others_can_be_blurred(lesson: Shown, act: str) -> None:
    assert lesson.scene["Tom"].post(f"{lesson.scene.lesson}/{act}").status_code == 303
    whole(lesson)
    assert use(lesson).status_code == 303


def test_the_database_takes_one_copy_of_a_recording(lesson: Shown, sessions: sessionmaker[Session]) -> None:
    choose(lesson)
    choose(lesson, left="15")
    with sessions() as session:
        assert [copy.version for copy in session.scalars(select(BlurredCopy))] == [2]


def test_its_teacher_is_told_at_home_and_nobody_else(lesson: Shown) -> None:
    whole(lesson)
    with lesson.scene.sessions.begin() as session:
        recording = session.get_one(Recording, lesson.scene.ids["recording"])
        media.settle(session, recording, session.scalars(select(Asset).where(Asset.kind == "blurred_copy")).one())
    words = "its blurred copy waits for you"
    assert words in lesson.scene["Tom"].get("/").text
    assert words not in lesson.scene["Amina"].get("/").text
    use(lesson)
    assert words not in lesson.scene["Tom"].get("/").text
