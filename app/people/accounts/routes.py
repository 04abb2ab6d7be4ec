"""Signing in and out, choosing an alliance, and links for whoever can't get in."""

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from app.errors import BackrowError, Invalid, NotFound, SignInNeeded
from app.people.accounts import links, service
from app.people.accounts.devices import find_waiting, label_of, take_away
from app.people.accounts.doors import count_try, next_page, walk_in, was_right
from app.people.accounts.models import LinkPurpose
from app.people.memberships.queries import administrator_exists
from app.web.guard import public, signed_in
from app.web.parts import parts
from app.web.unit import door, me

bp = Blueprint("accounts", __name__, template_folder="templates")
_DOOR = "this is where people who aren't signed in come in"


@bp.get("/sign-in")
@public(why=_DOOR)
def sign_in() -> ResponseReturnValue:
    """Show the door."""
    if current_user.is_authenticated:
        return redirect(next_page(request.args.get("next")), code=303)
    with door() as session:
        if not administrator_exists(session):
            return redirect("/set-up", code=303)
    return _sign_in_page(request.args.get("next"))


@bp.post("/sign-in")
@public(why=_DOOR)
def come_in() -> ResponseReturnValue:
    """Let a browser in by password, or mail a link."""
    email, shared = request.form.get("email", ""), "shared" in request.form
    count_try(email=email)
    if parts().mail_is_sent and request.form.get("how") == "link":
        with door() as session:
            links.ask_for(session, LinkPurpose.SIGN_IN, email=email, public_url=parts().public_url)
        return render_template("accounts/link_sent.html", minutes=20, mail_is_sent=True)
    try:
        with door() as session:
            entry = service.sign_in(
                session,
                email=email,
                password=request.form.get("password", ""),
                shared_computer=shared,
                label=label_of(request),
            )
            response = walk_in(entry, to=request.form.get("next", "/"))
    except (service.NotLetIn, service.AccountEnded) as refusal:
        return _sign_in_page(request.form.get("next"), refusal=refusal)
    was_right(email)
    return response


@bp.get("/sign-in/link/<token>")
@public(why="a link from a letter; looking at it changes nothing")
def link_page(token: str) -> ResponseReturnValue:
    """Show the button that spends a sign-in link: mail scanners open links, people press buttons."""
    with door() as session:
        if not links.is_open(session, LinkPurpose.SIGN_IN, token):
            raise links.LinkGone
        return render_template("accounts/link.html")


@bp.post("/sign-in/link/<token>")
@public(why="a link from a letter is its own key")
def come_in_by_link(token: str) -> ResponseReturnValue:
    """Spend a sign-in link."""
    count_try()
    with door() as session:
        entry = links.sign_in_by_link(session, token, shared_computer="shared" in request.form, label=label_of(request))
        return walk_in(entry)


@bp.get("/forgotten")
@public(why=_DOOR)
def forgotten() -> ResponseReturnValue:
    """Ask for the address of whoever can't get in."""
    return render_template("accounts/forgotten.html", mail_is_sent=parts().mail_is_sent)


@bp.post("/forgotten")
@public(why=_DOOR)
def send_reset() -> ResponseReturnValue:
    """Mail a link to choose a new password, if the address is known; the answer is the same if not."""
    email = request.form.get("email", "")
    count_try(email=f"reset {email}")
    with door() as session:
        links.ask_for(session, LinkPurpose.RESET, email=email, public_url=parts().public_url)
    return render_template("accounts/link_sent.html", minutes=60, mail_is_sent=parts().mail_is_sent)


@bp.get("/reset/<token>")
@public(why="a link from a letter; looking at it changes nothing")
def reset_page(token: str) -> ResponseReturnValue:
    """Ask for a new password."""
    with door() as session:
        if not links.is_open(session, LinkPurpose.RESET, token):
            raise links.LinkGone
        return render_template("accounts/reset.html", errors={})


@bp.post("/reset/<token>")
@public(why="a link from a letter is its own key")
def reset(token: str) -> ResponseReturnValue:
    """Spend the link and keep the new password."""
    count_try()
    try:
        with door() as session:
            links.reset_password(session, token, password=request.form.get("password", ""))
    except Invalid as refusal:
        return render_template("accounts/reset.html", errors=refusal.fields), refusal.status
    return redirect("/sign-in", code=303)


@bp.post("/sign-out")
@signed_in(why="ends the device that asks")
def sign_out() -> ResponseReturnValue:
    """End this device."""
    with door() as session:
        service.sign_out(session, me().device_id)
    return take_away(make_response(redirect("/sign-in", code=303)))


@bp.get("/choose")
@public(why="whoever is let in but hasn't chosen an alliance isn't signed in yet; shows that browser its own")
def choose_page() -> ResponseReturnValue:
    """Ask somebody of two alliances where they are today."""
    with door() as session:
        _, account_id = _browser(session)
        people = service.alliances_of(session, account_id)
        return render_template("accounts/choose.html", choices=service.names_of(session, people))


@bp.post("/choose")
@public(why="whoever is let in but hasn't chosen an alliance isn't signed in yet; takes that browser's own only")
def choose() -> ResponseReturnValue:
    """Go on in one alliance."""
    with door() as session:
        device_id, account_id = _browser(session)
        try:
            person_id = UUID(request.form.get("person_id", ""))
        except ValueError as error:
            raise NotFound from error
        entry = service.choose(session, device_id=device_id, account_id=account_id, person_id=person_id)
        return walk_in(entry)


def _browser(session: Session) -> tuple[UUID, UUID]:
    if current_user.is_authenticated:
        return me().device_id, me().actor.account_id
    waiting = find_waiting(session)
    if waiting is None:
        raise SignInNeeded
    return waiting.device_id, waiting.account_id


def _sign_in_page(wanted: str | None, refusal: BackrowError | None = None) -> ResponseReturnValue:
    page = render_template(
        "accounts/sign_in.html",
        next_page=next_page(wanted),
        mail_is_sent=parts().mail_is_sent,
        typed=request.form,
        errors={"email": refusal.say} if refusal else {},
    )
    return page, refusal.status if refusal else 200
