"""The main job, from an empty machine to a colleague's feedback: an administrator, a teacher and an observer."""

import re
from functools import partial

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.people import Somebody, somebody
from tests.e2e.watching import assert_shown_is_the_stamp, is_past, place_s, play, write
from tests.running import Backrow, until
from tests.video.lessons import Lesson

pytestmark = [pytest.mark.needs_chromium, pytest.mark.slow, pytest.mark.timeout(600)]

PASSWORD = "a lamp under seven hats"  # noqa: S105 - a password of invented people


def test_a_teacher_opens_a_lesson_and_a_colleague_feeds_back(
    backrow: Backrow, chromium: Browser, lesson: Lesson
) -> None:
    with (
        somebody(chromium, "joan", backrow.address) as joan,
        somebody(chromium, "amina", backrow.address) as amina,
        somebody(chromium, "tom", backrow.address) as tom,
    ):
        set_up(joan, backrow.code)
        join(amina, invite(joan, "Amina Khan", "amina@hillside.example", "Hillside"))
        join(tom, invite(joan, "Tom Reed", "tom@stmarys.example", "St Mary’s"))
        project = agree(amina, tom)
        recording = send(amina, lesson, backrow)
        assert tom.status_of(recording) == 404
        share(amina, recording)
        watch_and_note(tom, recording)
        give_feedback(tom, amina, recording)
        answer(amina, tom, recording)
        clip(amina, tom, recording)
        watch_stops_at_once(amina, tom, recording)
        swap_roles(tom, project)
        erase(amina, tom, recording, backrow)


def set_up(joan: Somebody, code: str) -> None:
    joan.go("/set-up")
    joan.look("set up")
    joan.fill("Code", code)
    joan.fill("The alliance’s name", "Valley Alliance")
    joan.fill("Your school", "Hillside")
    joan.fill("Your name", "Joan Bell")
    joan.fill("E-mail", "joan@hillside.example")
    joan.fill("Password", PASSWORD)
    joan.press("Create the alliance")
    expect(joan.page.get_by_role("heading", level=1)).to_contain_text("Joan")
    joan.look("home of a new alliance")
    assert joan.status_of("/set-up") == 404
    joan.go("/alliance/schools")
    joan.look("schools")
    joan.fill("The school’s name", "St Mary’s")
    joan.press("Add this school")


def invite(joan: Somebody, name: str, email: str, school: str) -> str:
    joan.go("/alliance/people")
    joan.fill("Their name", name)
    joan.fill("Their e-mail address", email)
    joan.page.get_by_label("School", exact=True).select_option(label=school)
    joan.press("Invite")
    joan.look("invited")
    link = joan.page.locator("#invitation-link").input_value()
    assert "/join/" in link
    return link


def join(person: Somebody, link: str) -> None:
    person.go(link)
    person.look("join")
    person.page.get_by_label("Choose a password").fill(PASSWORD)
    person.page.get_by_label("Yes, I’d like to join").check()
    person.press("Join")
    expect(person.page.get_by_role("heading", level=1)).to_be_visible()
    person.look("home of a newcomer")


def agree(amina: Somebody, tom: Somebody) -> str:
    amina.go("/projects")
    amina.look("no projects")
    amina.go("/projects/new")
    amina.look("new project")
    amina.page.get_by_label(re.compile("Tom Reed")).check()
    amina.page.get_by_label(re.compile("^Wait time")).check()
    amina.press("Start it")
    amina.look("project begun")
    project = amina.page.url
    amina.go(f"{project}/protocol/edit")
    amina.look("protocol editor")
    amina.press("Put it to the group")
    amina.look("protocol proposed")
    for person, name in ((amina, "Amina Khan"), (tom, "Tom Reed")):
        person.go(f"{project}/protocol/v1/sign")
        person.look("read and sign")
        person.page.get_by_label("I have read it").check()
        person.fill("Your name, typed", name)
        person.press("I agree and sign")
        person.look("signed")
    tom.go(f"{project}/protocol")
    expect(tom.page.get_by_text("In force: version 1")).to_be_visible()
    amina.go(project)
    amina.look("project signed")
    return project


def send(amina: Somebody, lesson: Lesson, backrow: Backrow) -> str:
    amina.page.get_by_role("link", name=re.compile("^Turn 1")).click()
    amina.look("turn")
    cycle = amina.page.url
    amina.go(f"{cycle}/briefing")
    amina.fill("What shall we call the lesson?", "Year 8 fractions")
    amina.page.get_by_label(re.compile("^Class")).fill("8F2")
    amina.look("briefing")
    amina.page.locator("main form button.button--main").click()
    amina.go(f"{cycle}/upload")
    audience = re.compile("Tom Reed .*, named in protocol v1, until .* Until then only you")
    expect(amina.page.get_by_text(audience)).to_be_visible()
    amina.look("upload")
    amina.page.set_input_files("input[type=file]", lesson.path)
    amina.press("Start sending")
    amina.page.wait_for_url(re.compile("/recordings/[^/]+/status"), timeout=60_000)
    amina.look("status")
    recording = amina.page.url.removesuffix("/status").removeprefix(backrow.address)
    expect(amina.page.get_by_role("link", name=re.compile("^Watch"))).to_be_visible(timeout=60_000)
    amina.go(recording)
    amina.look("own lesson")
    return recording


def share(amina: Somebody, recording: str) -> None:
    sharing = f"{recording}/sharing"
    until(lambda: "Share this lesson" in amina.read(sharing), "the lesson is verified and can be shared")
    amina.go(sharing)
    amina.look("sharing")
    amina.press("Share this lesson")
    expect(
        amina.page.get_by_role("cell", name="Tom Reed").or_(amina.page.get_by_role("rowheader", name="Tom Reed"))
    ).to_be_visible()
    amina.look("shared")


def watch_and_note(tom: Somebody, recording: str) -> None:
    tom.go("/")
    expect(tom.page.get_by_text("Year 8 fractions").first).to_be_visible()
    tom.look("home with a lesson to watch")
    tom.go(recording)
    expect(tom.page.get_by_text(re.compile("You can watch this because Amina Khan shares it with you"))).to_be_visible()
    play(tom)
    tom.look("lesson")
    until(lambda: place_s(tom) > 5, "five seconds are played")
    write(tom, "n", "Nobody speaks for six seconds.")
    assert_shown_is_the_stamp(tom)
    tom.look("writing a note")
    tom.page.keyboard.press("Control+Enter")
    expect(tom.page.locator("#notes-list li[data-at-ms]")).to_have_count(1)
    until(lambda: place_s(tom) > 8, "it goes on playing after posting")
    write(tom, "4", "Ask B before A?")
    tom.page.keyboard.press("Control+Enter")
    expect(tom.page.locator("#notes-list li[data-kind=try]")).to_have_count(1)
    tom.look("lesson with notes")
    delete_and_undo(tom)


def delete_and_undo(tom: Somebody) -> None:
    notes = tom.page.locator("#notes-list li[data-at-ms]")
    order = notes.evaluate_all("(all) => all.map((one) => one.id)")
    before_s, address = place_s(tom), tom.page.url
    notes.first.get_by_role("button", name=re.compile("^Delete")).press("Enter")
    expect(notes).to_have_count(1)
    undo = tom.page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    tom.look("a note deleted")
    undo.press("Enter")
    expect(notes).to_have_count(2)
    expect(notes.first.get_by_role("link").first).to_be_focused()
    assert notes.evaluate_all("(all) => all.map((one) => one.id)") == order
    assert tom.page.url == address
    assert place_s(tom) >= before_s, "the place in the film is kept"


def give_feedback(tom: Somebody, amina: Somebody, recording: str) -> None:
    amina.go(recording)
    expect(amina.page.get_by_text("Nobody speaks for six seconds.")).to_have_count(0)
    tom.page.get_by_role("link", name="Share my feedback").click()
    tom.look("feedback to share")
    tom.press("Share with Amina Khan")
    tom.look("feedback with stems missing")
    tom.fill("I took away…", "the silence after why")
    tom.fill("Why don’t you try…", "leaving the hands down for a whole question")
    tom.press("Share with Amina Khan")
    expect(tom.page.get_by_role("button", name="Undo")).to_be_visible()
    tom.look("feedback shared")


def answer(amina: Somebody, tom: Somebody, recording: str) -> None:
    amina.go("/")
    amina.look("home with feedback")
    amina.go(recording)
    amina.page.get_by_role("link", name="Feedback", exact=True).click()
    expect(amina.page.get_by_text("Nobody speaks for six seconds.")).to_be_visible()
    amina.look("feedback to read")
    cycle = amina.page.url.removesuffix("/response")
    amina.page.get_by_role("link", name=re.compile("^Reply")).first.click()
    amina.look("a note and its replies")
    amina.page.locator("textarea[name=body]").last.fill("I was hoping that B would begin.")
    amina.page.get_by_role("button", name=re.compile("[Rr]eply")).click()
    expect(amina.page.get_by_text("I was hoping that B would begin.")).to_be_visible()
    amina.go(f"{cycle}/response")
    amina.page.get_by_label("I will try", exact=True).first.check()
    amina.page.get_by_label("Not for me", exact=True).last.check()
    amina.press("Send my answer")
    amina.look("answered")
    amina.fill("I’ll try", "Hands down for one whole question")
    amina.press("Set this target")
    amina.go("/me/targets")
    expect(amina.page.get_by_text("Hands down for one whole question")).to_be_visible()
    amina.look("targets")
    tom.go(f"{cycle}/response")
    tom.look("the answer read")


def clip(amina: Somebody, tom: Somebody, recording: str) -> None:
    amina.go(recording)
    amina.page.get_by_text("Make a clip").click()
    amina.fill("From", "0:04")
    amina.page.get_by_label("Until", exact=True).fill("0:12")
    amina.fill("What is it?", "Six seconds of nothing")
    amina.press("Make the clip")
    amina.page.wait_for_url(re.compile("/clips/"))
    for person in (amina, tom):
        person.go(amina.page.url)
        play(person)
        until(partial(is_past, person, 5), "the clip plays")
        expect(person.page.get_by_text("Nobody speaks for six seconds.")).to_be_visible()
        person.look("clip")


def watch_stops_at_once(amina: Somebody, tom: Somebody, recording: str) -> None:
    tom.go(recording)
    play(tom)
    until(lambda: place_s(tom) > 1, "it plays")
    segment = f"/media{recording.removeprefix('/recordings')}/240p/1.m4s"
    assert tom.status_of(segment) == 302
    amina.go(f"{recording}/seen")
    expect(amina.page.get_by_text(re.compile("Tom Reed"))).to_be_visible()
    expect(amina.page.get_by_text("named in protocol v1").first).to_be_visible()
    amina.look("who has seen it")
    amina.go(f"{recording}/sharing")
    amina.press("Pause watching")
    assert tom.status_of(segment) == 404
    assert tom.status_of(recording) == 404
    said = tom.page.get_by_role("region", name="Lesson player").get_by_text("Amina Khan has paused watching")
    expect(said).to_be_visible(timeout=30_000)
    expect(tom.page.get_by_text("You can watch this because")).to_have_count(0)
    amina.look("paused")
    amina.press("Open it again")
    assert tom.status_of(segment) == 302
    amina.press("Take it back")
    assert tom.status_of(segment) == 404
    amina.look("taken back")


def erase(amina: Somebody, tom: Somebody, recording: str, backrow: Backrow) -> None:
    amina.go(f"{recording}/delete")
    amina.look("erase")
    amina.press("Erase it now")
    amina.page.wait_for_load_state()
    until(lambda: "Everything of this lesson was erased" in amina.read(amina.page.url), "all is erased")
    amina.page.goto(amina.page.url)
    amina.look("erased")
    expect(amina.page.get_by_text(re.compile("Tom Reed"))).to_be_visible()
    assert [tom.status_of(recording), amina.status_of(recording)] == [404, 404]
    stored = backrow.folder / "data"
    left = [file for file in stored.rglob("*") if recording.rsplit("/", 1)[-1] in str(file) and file.is_file()]
    assert left == []
    tom.go("/me/notes")
    expect(tom.page.get_by_text("Nobody speaks for six seconds.")).to_have_count(0)


def swap_roles(tom: Somebody, project: str) -> None:
    tom.go(project)
    expect(tom.page.get_by_role("heading", name="Your turn to teach")).to_be_visible()
    tom.look("the next turn offered")
    tom.page.locator("main").get_by_role("button", name=re.compile("[Bb]egin")).first.click()
    expect(tom.page.get_by_text(re.compile("Turn 2"))).to_be_visible()
    tom.look("the next turn begun")
