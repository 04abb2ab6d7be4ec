"""The page behind an invitation's link: an explicit yes, once."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.errors import Conflict, Invalid, NotFound
from app.people.accounts.devices import label_of
from app.people.accounts.doors import count_try, walk_in
from app.people.accounts.models import Account, Person
from app.people.accounts.service import let_in
from app.people.directory import joining
from app.web.guard import public
from app.web.unit import door

bp = Blueprint("join", __name__, template_folder="templates")


@bp.get("/join/<token>")
@public(why="a link from a letter; looking at it changes nothing")
def join_page(token: str) -> ResponseReturnValue:
    """Say who invites, to what, and ask for a yes."""
    return _page(token, {}, 200)


@bp.post("/join/<token>")
@public(why="a link from a letter is its own key")
def join(token: str) -> ResponseReturnValue:
    """Spend the invitation and sign the newcomer in."""
    count_try()
    try:
        _check_yes()
        with door() as session:
            membership = joining.accept_invitation(
                session,
                token=token,
                name=request.form.get("name", ""),
                password=request.form.get("password", ""),
            )
            person = session.get(Person, membership.person_id)
            account = session.get(Account, person.account_id) if person else None
            if account is None:
                raise NotFound
            return walk_in(let_in(session, account, rule="invitation", label=label_of(request)))
    except (Invalid, Conflict) as refusal:
        return _page(token, refusal.fields or {"": refusal.say}, refusal.status)


def _check_yes() -> None:
    if request.form.get("yes") != "y":
        say = "Tick this if you'd like to join."
        raise Invalid("yes_missing", say, fields={"yes": say})


def _page(token: str, errors: dict[str, str], status: int) -> ResponseReturnValue:
    with door() as session:
        opened = joining.open_invitation(session, token)
        page = render_template("directory/join.html", opened=opened, errors=errors, typed=request.form)
        return page, status
