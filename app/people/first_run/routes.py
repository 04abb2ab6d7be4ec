"""The set-up page: open only until somebody administers an alliance here."""

import hmac

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.errors import BackrowError, Conflict, Invalid, NotFound
from app.people.accounts.devices import label_of
from app.people.accounts.doors import count_try, walk_in
from app.people.accounts.service import let_in
from app.people.alliances.service import COMMON_ZONES
from app.people.first_run.service import FIRST_ROLES, Foundation, check_foundation, first_run
from app.people.memberships.models import Role
from app.people.memberships.queries import administrator_exists
from app.people.words import Together
from app.web.guard import public
from app.web.parts import parts
from app.web.unit import door

bp = Blueprint("first_run", __name__, template_folder="templates")
_WHY = "nobody has an account yet; the code from the terminal is the key, and the page is gone afterwards"


@bp.get("/set-up")
@public(why=_WHY)
def set_up() -> ResponseReturnValue:
    """Show the one form of the first run."""
    with door() as session:
        if administrator_exists(session):
            raise NotFound
    return _page()


@bp.post("/set-up")
@public(why=_WHY)
def found() -> ResponseReturnValue:
    """Found the alliance and sign its founder in."""
    with door() as session:
        if administrator_exists(session):
            raise NotFound
    count_try()
    try:
        foundation = _foundation()
        _check_code(foundation)
        with door() as session:
            founded = first_run(session, foundation)
            return walk_in(let_in(session, founded.account, rule="first_run_code", label=label_of(request)))
    except (Invalid, Conflict) as refusal:
        return _page(refusal)


def _check_code(foundation: Foundation) -> None:
    """Refuse whoever hasn't the code, and say with it what else is to be mended, as far as no row is asked for it."""
    if _has_code():
        return
    together = Together()
    together.check(_refuse_code)
    together.check(check_foundation, foundation)
    together.end()


def _has_code() -> bool:
    return hmac.compare_digest(_signs(request.form.get("code", "")), _signs(parts().first_run_code))


def _refuse_code() -> None:
    say = "That isn’t the code. It was printed where Backrow was started, after the address."
    raise Invalid("code_wrong", say, fields={"code": say})


def _signs(code: str) -> bytes:
    """Take a code's signs alone: nobody should have to type hyphens, or mind large and small letters."""
    return "".join(sign for sign in code.upper() if sign.isalnum()).encode()


def _foundation() -> Foundation:
    form = request.form
    roles = (Role.ALLIANCE_ADMINISTRATOR, *(role for role in FIRST_ROLES if role.value in form.getlist("roles")))
    return Foundation(
        alliance=form.get("alliance", ""),
        school=form.get("school", ""),
        name=form.get("name", ""),
        email=form.get("email", ""),
        password=form.get("password", ""),
        time_zone=form.get("other_zone", "").strip() or form.get("time_zone", "Europe/London"),
        new_teacher_word=form.get("other_word", "").strip() or form.get("new_teacher_word", "ECT"),
        roles=roles,
    )


def _page(refusal: BackrowError | None = None) -> ResponseReturnValue:
    errors = (refusal.fields or {"": refusal.say}) if refusal else {}
    page = render_template(
        "first_run/set_up.html",
        errors=errors,
        typed=request.form,
        roles=request.form.getlist("roles") if request.form else [role.value for role in FIRST_ROLES],
        zones=[(zone, zone.replace("_", " ")) for zone in COMMON_ZONES],
        mail_is_sent=parts().mail_is_sent,
        secure=parts().secure,
        public_url=parts().public_url,
    )
    return page, refusal.status if refusal else 200
