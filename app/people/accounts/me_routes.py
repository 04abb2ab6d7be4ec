"""One's own pages: who I am here, my devices, my password and address."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from app.authz import Action, Permit, permit
from app.errors import Conflict, Invalid
from app.people.accounts import moving, own, service
from app.people.accounts.devices import take_away
from app.people.accounts.doors import count_try, was_right
from app.people.accounts.links import LinkGone
from app.people.accounts.models import Account, Device
from app.web.guard import requires, signed_in
from app.web.parts import parts
from app.web.unit import actor, me, transaction

bp = Blueprint("me", __name__, template_folder="templates")


@bp.get("/me")
@signed_in(why="one's own name and ways on")
def overview() -> ResponseReturnValue:
    """Show who one is here, and what one can see to."""
    with transaction() as session:
        alliances = service.alliances_of(session, me().actor.account_id)
        return render_template("me/overview.html", in_two_alliances=len(alliances) > 1)


@bp.get("/me/devices")
@signed_in(why="one's own devices")
def devices() -> ResponseReturnValue:
    """List where one is signed in."""
    with transaction() as session:
        found = service.list_devices(session, me().actor.account_id)
        return render_template("me/devices.html", devices=found, this_id=me().device_id)


@bp.post("/me/devices/<uuid:device_id>/end")
@requires(Action.DEVICE_END)
def end_device(device_id: UUID) -> ResponseReturnValue:
    """Sign one device out."""
    with transaction() as session:
        service.end_device(session, permit(session, actor(), Action.DEVICE_END, Device, device_id))
    if device_id == me().device_id:
        return take_away(make_response(redirect("/sign-in", code=303)))
    return redirect("/me/devices", code=303)


@bp.get("/me/settings")
@requires(Action.ACCOUNT_OWN)
def settings() -> ResponseReturnValue:
    """Show name, address and password."""
    with transaction() as session:
        return _settings(session, {}, 200)


@bp.post("/me/settings/name")
@requires(Action.ACCOUNT_OWN)
def change_name() -> ResponseReturnValue:
    """Keep a new name."""
    return _change(
        lambda session, mine: own.change_name(
            session, mine, person_id=me().person_id, name=request.form.get("name", "")
        )
    )


@bp.post("/me/settings/password")
@requires(Action.ACCOUNT_OWN)
def change_password() -> ResponseReturnValue:
    """Keep a new password."""
    count_try(email=me().email)
    answer = _change(
        lambda session, mine: own.change_password(
            session,
            mine,
            old=request.form.get("old_password", ""),
            new=request.form.get("new_password", ""),
            keep_device_id=me().device_id,
        )
    )
    if isinstance(answer, Response):
        was_right(me().email)
    return answer


@bp.post("/me/settings/address")
@requires(Action.ACCOUNT_OWN)
def change_address() -> ResponseReturnValue:
    """Move to another address; where mail is sent, the old address has to agree first."""
    count_try(email=me().email)
    email, password = request.form.get("email", ""), request.form.get("address_password", "")
    if not parts().mail_is_sent:
        return _change(lambda session, mine: moving.change_address(session, mine, email=email, password=password))
    answer = _change(
        lambda session, mine: moving.ask_old_address(session, mine, email=email, password=password, link=_link)
    )
    return render_template("me/address_asked.html") if isinstance(answer, Response) else answer


@bp.get("/me/settings/address/<token>")
@requires(Action.ACCOUNT_OWN)
def address_link(token: str) -> ResponseReturnValue:
    """Show the button that moves the account; looking changes nothing."""
    with transaction() as session:
        permit(session, actor(), Action.ACCOUNT_OWN, Account, actor().account_id)
        _sealed(token)
        return render_template("me/address_link.html", errors={})


@bp.post("/me/settings/address/<token>")
@requires(Action.ACCOUNT_OWN)
def confirm_address(token: str) -> ResponseReturnValue:
    """Move the account, as its old address has agreed."""
    move = _sealed(token)
    try:
        with transaction() as session:
            mine = permit(session, actor(), Action.ACCOUNT_OWN, Account, actor().account_id)
            moving.confirm(session, mine, move=move, email=request.form.get("email", ""))
    except (Invalid, Conflict) as refusal:
        return render_template("me/address_link.html", errors=refusal.fields), refusal.status
    return redirect("/me/settings", code=303)


def _link(move: moving.Move) -> str:
    return f"{parts().public_url.rstrip('/')}/me/settings/address/{_seal().dumps(move)}"


def _sealed(token: str) -> moving.Move:
    try:
        move: moving.Move = _seal().loads(token)
    except BadSignature as error:
        raise LinkGone from error
    return move


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(parts().secret_key, salt="moving to another address")


def _change(act: Callable[[Session, Permit[Account]], object]) -> ResponseReturnValue:
    """Do one change, or show the page again with what to mend."""
    try:
        with transaction() as session:
            act(session, permit(session, actor(), Action.ACCOUNT_OWN, Account, actor().account_id))
    except (Invalid, Conflict) as refusal:
        with transaction() as session:
            return _settings(session, refusal.fields or {"": refusal.say}, refusal.status)
    return redirect("/me/settings", code=303)


def _settings(session: Session, errors: dict[str, str], status: int) -> ResponseReturnValue:
    mine = permit(session, actor(), Action.ACCOUNT_OWN, Account, actor().account_id)
    page = render_template("me/settings.html", account=mine.thing, errors=errors, typed=request.form)
    return page, status
