"""Home: the one step to begin with, in its order; never a word of what isn't shared."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, event, select, update
from sqlalchemy.orm import Session, sessionmaker

from app import clock as database_clock
from app import ids
from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.projects.models import Capacity
from app.agreements.protocols.models import Agreement, ProtocolVersion, VersionState
from app.lessons.playback.models import Place
from app.lessons.recordings.models import Recording, RecordingState
from app.notify.service import tell
from app.people.memberships.models import Membership, Role
from tests.app.observation.scene import Scene, build
from tests.conftest import Clock
from tests.world import World


@pytest.fixture
def scene(sessions: sessionmaker[Session], tmp_path: Path) -> Scene:
    return build(sessions, tmp_path)


def first(scene: Scene, who: str) -> str:
    """Give the words of the big card."""
    page = scene[who].get("/").text
    assert len(re.findall(r'class="[^"]*button--main', page)) == 1
    assert page.count("<h1") == 1
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.split("card--next")[1].split("</section>")[0])).replace(
        "&#39;", "'"
    )


def change(scene: Scene, **values: object) -> None:
    with scene.sessions.begin() as session:
        session.execute(update(Recording).where(Recording.id == scene.ids["recording"]).values(**values))


def set_turn(scene: Scene, state: CycleState) -> None:
    with scene.sessions.begin() as session:
        session.execute(update(Cycle).where(Cycle.id == scene.ids["cycle"]).values(state=state))


def watched(scene: Scene, who: str, at_ms: int) -> None:
    with scene.sessions.begin() as session:
        recording = session.get_one(Recording, scene.ids["recording"])
        session.merge(
            Place(
                recording_id=recording.id,
                person_id=scene.ids[who],
                alliance_id=recording.alliance_id,
                at_ms=at_ms,
                played_ms=at_ms,
            )
        )


def test_a_stranger_reads_what_backrow_is(scene: Scene) -> None:
    with scene.sessions.begin() as session:
        session.execute(update(Membership).values(roles=[Role.ALLIANCE_ADMINISTRATOR.value]))
    page = scene.app.test_client().get("/")
    assert page.status_code == 200
    assert 'href="/sign-in"' in page.text
    assert "Year 8" not in page.text


def test_an_observer_carries_on_where_they_left_off_until_they_have_shared(scene: Scene) -> None:
    assert "Tom waits for your feedback on “Year 8 fractions”" in first(scene, "Amina")
    assert "Watch and write" in first(scene, "Amina")
    watched(scene, "Amina", 661_000)
    assert "Carry on at 11:01" in first(scene, "Amina")
    assert f'href="{scene.lesson}?at=661000"' in scene["Amina"].get("/").text
    note = scene.note("Amina", "Six seconds pass.")
    card = first(scene, "Amina")
    assert "1 note written" in card
    assert "Share my feedback" in card
    scene.share("Amina", note["id"])
    page = scene["Amina"].get("/").text
    assert "waits for your feedback" not in page
    assert "an answer to your feedback on “Year 8 fractions”" in page


def test_a_teacher_is_led_through_their_turn(scene: Scene) -> None:
    page = scene["Tom"].get("/").text
    assert page.count("feedback on “Year 8 fractions”") == 2  # from Amina and from Priya
    note = scene.note("Amina", "Asking B before A?", kind="try")
    assert scene["Tom"].get("/").text.count("feedback on “Year 8 fractions”") == 2  # having begun changes nothing
    scene.share("Amina", note["id"])
    assert "You have feedback on “Year 8 fractions” agreed for" in first(scene, "Tom")
    assert "Amina shared feedback with you" in scene["Tom"].get("/").text
    answer = {"choices": [{"try_id": note["id"], "choice": "will_try"}]}
    scene["Tom"].send("PUT", f"/api/v1{scene.cycle}/response", answer, match=0)
    assert "Set yourself one next step after “Year 8 fractions”" in first(scene, "Tom")
    assert "Tom answered your feedback" in scene["Amina"].get("/").text
    assert "Tom answered your feedback" not in scene["Priya"].get("/").text
    scene["Tom"].send("POST", f"/api/v1{scene.cycle}/targets", {"body": "Ask B first."}, key=ids.new())
    assert "You meant to try: Ask B first." in first(scene, "Tom")
    # The others' turn comes before their own small steps.
    assert "It’s your turn to teach in “Questioning”" in scene["Amina"].get("/").text


@pytest.mark.usefixtures("any_state")
@pytest.mark.parametrize(
    ("turn", "recording", "words"),
    [
        pytest.param(CycleState.BEGUN, None, "Write the briefing", id="nothing yet"),
        pytest.param(CycleState.BRIEFED, None, "Send the lesson", id="briefed"),
        pytest.param(CycleState.BRIEFED, {"media_state": "waiting"}, "Carry on sending", id="half sent"),
        pytest.param(CycleState.BEGUN, {"media_state": "waiting"}, "Carry on sending", id="half sent, unbriefed"),
        pytest.param(CycleState.BEGUN, {"media_state": "needs_attention"}, "See what happened", id="no lesson"),
        pytest.param(CycleState.RECORDED, {}, "Look it over and share it", id="arrived"),
        pytest.param(CycleState.RECORDED, {"media_state": "needs_attention"}, "See what happened", id="stopped"),
    ],
)
def test_each_stage_of_a_turn_has_its_step(
    scene: Scene, turn: CycleState, recording: dict[str, object] | None, words: str
) -> None:
    set_turn(scene, turn)
    if recording is None:
        change(scene, state=RecordingState.ERASED)
    else:
        change(scene, state=RecordingState.PRIVATE, **recording)
    assert words in first(scene, "Tom")
    # What isn't shared doesn't exist for the others.
    assert "Year 8" not in scene["Amina"].get("/").text


def test_what_goes_soon_comes_first(scene: Scene, clock: Clock) -> None:
    clock.forward(days=24)
    assert "“Year 8 fractions” is erased soon" in first(scene, "Tom")
    assert "erased soon" not in scene["Amina"].get("/").text


def test_what_came_in_says_how_a_lesson_stands_to_its_teacher_alone(scene: Scene) -> None:
    with scene.sessions.begin() as session:
        tell(session, [scene.ids["Tom"], scene.ids["Joan"]], "recording.ready", scene.ids["recording"])
    assert "“Year 8 fractions”: the whole lesson can be watched" in scene["Tom"].get("/").text
    assert "Year 8 fractions" not in scene["Joan"].get("/").text


def test_a_reply_is_told_to_the_other_of_the_two(scene: Scene) -> None:
    note = scene.note("Amina", "Six seconds pass.")
    scene.share("Amina", note["id"])
    address, thread = f"/api/v1/notes/{note['id']}/replies", f'href="{scene.lesson}/notes/{note["id"]}"'
    asked = scene["Tom"].send("POST", address, {"body": "Which six?"}, key=ids.new())
    assert asked.status_code == 201, asked.text
    home = {who: scene[who].get("/").text for who in ("Amina", "Tom", "Priya", "Joan", "Zoe")}
    assert "Tom replied to a note on “Year 8 fractions”" in home["Amina"]
    assert thread in home["Amina"]
    assert "Which six" not in home["Amina"]
    assert not any("replied" in home[who] for who in home.keys() - {"Amina"})
    scene["Amina"].send("POST", address, {"body": "After B."}, key=ids.new())
    assert "Amina replied to a note on “Year 8 fractions”" in scene["Tom"].get("/").text
    assert "Amina replied" not in scene["Amina"].get("/").text
    change(scene, state=RecordingState.PAUSED)
    assert "Year 8 fractions" not in scene["Amina"].get("/").text


def test_what_came_in_carries_the_time_of_what_it_says_now(scene: Scene, clock: Clock) -> None:
    for kind in ("recording.needs_attention", "recording.ready"):
        clock.forward(days=1)
        with scene.sessions.begin() as session:
            tell(session, [scene.ids["Tom"]], kind, scene.ids["recording"])
    with scene.sessions() as session:
        now = session.scalars(select(database_clock.now())).one()
    page = scene["Tom"].get("/").text
    assert page.count("the whole lesson can be watched") == 1
    said_at = page.split("the whole lesson can be watched")[1].split("</li>")[0]
    assert f"{now.day} {now:%B}" in said_at


@pytest.mark.usefixtures("any_state")
def test_a_protocol_waits_for_signatures(scene: Scene) -> None:
    with scene.sessions.begin() as session:
        session.execute(
            update(ProtocolVersion)
            .where(ProtocolVersion.id == scene.ids["version"])
            .values(state=VersionState.PROPOSED)
        )
        session.execute(delete(Agreement).where(Agreement.person_id == scene.ids["Priya"]))
    assert "Sign the protocol for “Questioning”" in first(scene, "Priya")
    page = scene["Amina"].get("/").text
    assert "<strong>Priya</strong>" in page
    assert "sign the protocol for “Questioning”" in page
    assert "Questioning" not in scene["Joan"].get("/").text


def test_an_invitation_is_a_step(scene: Scene) -> None:
    with scene.sessions.begin() as session:
        world = World(session, "Third")
        world.person("Wes")
        world.person("Ida")
        project = world.project("Ida", Ida=Capacity.TEACHER)
        invited = world.participant(project, "Wes", Capacity.TEACHER)
        invited.joined_at = None
        scene.sign_in(session, world, "Wes")
    assert "You’re asked to take part in “Questioning”" in first(scene, "Wes")


def test_being_asked_to_sign_and_to_take_part_is_one_step(scene: Scene) -> None:
    with scene.sessions.begin() as session:
        world = World(session, "Third")
        world.person("Wes")
        world.person("Ida")
        project = world.project("Ida", Ida=Capacity.TEACHER)
        world.participant(project, "Wes", Capacity.TEACHER).joined_at = None
        both = {"Ida": Capacity.TEACHER, "Wes": Capacity.TEACHER}
        world.version(project, 1, roster=both, signed=["Ida"], state=VersionState.PROPOSED)
        scene.sign_in(session, world, "Wes")
    assert "You’re asked to take part in “Questioning”: read and sign its protocol" in first(scene, "Wes")
    assert scene["Wes"].get("/").text.count("“Questioning”") == 1


def test_nothing_to_do_leads_to_one_small_step(scene: Scene) -> None:
    assert "Begin a project" in first(scene, "Joan")
    assert "You wait for nobody." in scene["Joan"].get("/").text


def test_a_paused_lesson_is_not_on_anybody_elses_home(scene: Scene) -> None:
    note = scene.note("Amina", "Mine.")
    scene.share("Amina", note["id"])
    change(scene, state=RecordingState.PAUSED)
    for who in ("Amina", "Priya", "Joan", "Zoe"):
        assert "Year 8 fractions" not in scene[who].get("/").text


def test_the_number_of_queries_is_bounded(scene: Scene, engine: Engine) -> None:
    with scene.sessions.begin() as session:
        _many_lessons(session, scene)
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: sent.append(str(args[2])))
    page = scene["Amina"].get("/").text
    assert page.count("waits for your feedback") == 6
    assert len(sent) <= 20, "\n\n".join(sent)


def _many_lessons(session: Session, scene: Scene) -> None:
    recording = session.get_one(Recording, scene.ids["recording"])
    version = session.get_one(ProtocolVersion, scene.ids["version"])
    now = session.scalars(select(database_clock.now())).one()
    for number in range(2, 7):
        cycle = Cycle(
            alliance_id=recording.alliance_id,
            project_id=recording.project_id,
            number=number,
            teacher_id=recording.owner_id,
            state=CycleState.OBSERVING,
        )
        session.add(cycle)
        session.flush()
        session.add(
            Recording(
                alliance_id=recording.alliance_id,
                school_id=recording.school_id,
                project_id=recording.project_id,
                cycle_id=cycle.id,
                owner_id=recording.owner_id,
                title=f"Lesson {number}",
                recorded_on=now.date(),
                delete_at=recording.delete_at,
                state=RecordingState.SHARED,
                bound_version_id=version.id,
                media_state="ready",
                duration_ms=60_000,
                watchable_ms=60_000,
            )
        )
        session.flush()
