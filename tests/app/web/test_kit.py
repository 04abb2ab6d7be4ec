"""The parts that pages are made of: named for everyone, whole without script, text kept as text."""

import re

import pytest
from flask import Flask, render_template

from app.errors import BackrowError, Conflict, Forged, NotFound, TooMany, Unavailable
from app.web.errors import PAGES
from tests.app.web.kit_pages import TEMPLATES, Everything, Reader, pages, render


@pytest.fixture(scope="module")
def web() -> Flask:
    return pages()


@pytest.fixture(scope="module")
def page(web: Flask) -> Reader:
    return Reader(web.test_client().get("/parts").get_data(as_text=True))


def test_every_field_has_a_label_of_its_own(page: Reader) -> None:
    labelled = [label["for"] for label in page.all("label")]
    fields = [field["id"] for field in page.all("input", "select", "textarea") if field.get("type") != "hidden"]
    assert len(fields) > 30
    assert sorted(labelled, key=str) == sorted(set(labelled), key=str)
    assert set(fields) <= set(labelled)


def test_every_reference_between_parts_lands_on_one_part(page: Reader) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    references = {
        word
        for _, attrs in page.tags
        for name in ("aria-describedby", "aria-labelledby", "for")
        for word in (attrs.get(name) or "").split()
    } | {href[1:] for attrs in page.all("a") if (href := attrs.get("href") or "").startswith("#")}
    assert references <= set(ids)


def test_the_page_has_one_title_one_main_act_and_one_main(page: Reader) -> None:
    main_acts = [attrs for attrs in page.all("button", "a") if "button--main" in (attrs.get("class") or "").split()]
    assert (len(page.all("h1")), len(page.all("main")), len(main_acts)) == (1, 1, 1)


def test_every_form_that_posts_carries_its_token(web: Flask) -> None:
    html = web.test_client().get("/parts").get_data(as_text=True)
    forms = [form for form in re.findall(r"<form.*?</form>", html, re.DOTALL) if 'action="/parts"' not in form]
    assert len(forms) > 4
    assert all('name="csrf_token"' in form and 'method="post"' in form for form in forms)


def test_a_field_to_mend_says_so_beside_it_and_to_screen_readers(web: Flask) -> None:
    html = render(web, '{{ kit.text("email", "Email", value="x", hint="Yours.", error="Add the @.") }}')
    (box,) = Reader(html).all("input")
    assert box["aria-invalid"] == "true"
    assert (box["aria-describedby"] or "").split() == ["email-hint", "email-mend"]
    assert 'id="email-mend"' in html
    assert "Add the @." in html


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('{{ kit.text("a", "A", value=typed) }}', id="text"),
        pytest.param('{{ kit.area("a", "A", value=typed) }}', id="area"),
        pytest.param("{{ kit.notice(typed) }}", id="notice"),
        pytest.param('{{ kit.note_card({"id": "n1", "at_ms": 0, "kind": "evidence", "body": typed}) }}', id="note"),
        pytest.param('{{ kit.table("T", [typed], [[typed]]) }}', id="table"),
        pytest.param('{{ kit.error_summary({"a": typed}) }}', id="error summary"),
    ],
)
def test_what_people_type_stays_text(web: Flask, source: str) -> None:
    html = render(web, source, typed='"><script>alert(1)</script>')
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_notes_that_people_wrote_are_out_of_htmx_reach(web: Flask) -> None:
    html = render(web, '{{ kit.note_card({"id": "n1", "at_ms": 252000, "kind": "try", "body": "Words"}) }}')
    assert '<div class="note__body" hx-ignore>Words</div>' in html
    assert ">4:12<" in html


@pytest.mark.parametrize(
    ("ms", "face"),
    [(0, "0:00"), (59_999, "0:59"), (252_000, "4:12"), (3_600_000, "1:00:00"), (5_025_000, "1:23:45")],
)
def test_a_moment_reads_as_on_the_player(web: Flask, ms: int, face: str) -> None:
    assert render(web, "{{ ms | face }}", ms=ms) == face


def test_a_date_shows_what_was_typed_even_where_it_is_no_date(web: Flask) -> None:
    source = '{{ kit.date("due_on", "Due", value={"day": "31", "month": "2", "year": "2026"}, error="No such day.") }}'
    boxes = Reader(render(web, source)).all("input")
    assert [(box["name"], box["value"]) for box in boxes] == [
        ("due_on-day", "31"),
        ("due_on-month", "2"),
        ("due_on-year", "2026"),
    ]
    assert all(box["aria-invalid"] == "true" for box in boxes)


def test_bound_fields_keep_values_choices_and_never_a_password(web: Flask) -> None:
    form = Everything(data={"bound_text": "Tom", "bound_password": "secret words"})
    html = render(web, "{% for bound in form %}{{ kit.field(bound) }}{% endfor %}", form=form)
    boxes = {(box["name"], box.get("value")): box for box in Reader(html).all("input")}
    assert ("bound_text", "Tom") in boxes
    assert boxes["bound_text", "Tom"]["aria-describedby"] == "bound_text-hint"
    assert boxes["bound_email", None]["spellcheck"] == "false"
    assert "secret words" not in html
    assert "checked" in boxes["bound_radio", "b"]
    assert "checked" not in boxes["bound_radio", "a"]
    assert "checked" in boxes["bound_many", "a"]
    assert [option["value"] for option in Reader(html).all("option") if "selected" in option] == ["2"]


ERRORS: list[tuple[BackrowError, str]] = [
    (NotFound(), "or it isn\u2019t shared with you"),
    (Forged(), "This form had gone stale"),
    (TooMany("slow_down", "Wait a little.", retry_after_s=130), "Try again in 3 minutes"),
    (Unavailable("storage_away", "The storage does not answer."), "Backrow is catching its breath"),
    (BackrowError("broken", "Something broke here."), "#K4T9"),
    (Conflict("not_open", "This one has already arrived."), "This one has already arrived."),
]


@pytest.mark.parametrize(("error", "says"), ERRORS, ids=[error.code for error, _ in ERRORS])
def test_each_refusal_has_a_page_with_one_way_on(web: Flask, error: BackrowError, says: str) -> None:
    with web.test_request_context():
        wait_s = getattr(error, "retry_after_s", None)
        html = render_template(PAGES.get(error.status, "errors/page.html"), error=error, retry_after_s=wait_s)
    read = Reader(html)
    assert says in html
    assert len(read.all("h1")) == 1
    assert html.count("button--main") == 1


def test_the_frame_stands_without_anybody_signed_in(web: Flask) -> None:
    with web.test_request_context():
        html = render_template("errors/404.html", me=None, nav_links=[])
    assert "Sign in" in html
    assert "Sign out" not in html
    assert 'name="csrf-token"' not in html


def test_no_template_holds_an_inline_style_or_handler() -> None:
    found = {
        file.name: bad
        for file in sorted(TEMPLATES.rglob("*.html"))
        if (bad := re.findall(r"<[a-z][^>]*\s(?:style|on[a-z]+|hx-on[^=]*)=", file.read_text(encoding="utf-8")))
    }
    assert found == {}
