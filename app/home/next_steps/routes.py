"""`/`: what's next for me; to whoever isn't signed in, what Backrow is."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.agreements.projects.queries import this_moment
from app.home.next_steps.queries import home
from app.people.memberships.models import Role
from app.people.memberships.queries import administrator_exists
from app.web.guard import public
from app.web.unit import actor, door, me, transaction

bp = Blueprint("home", __name__, template_folder="templates")
NOON, EVENING = 12, 18
INVITING = {Role.ALLIANCE_ADMINISTRATOR.value, Role.SCHOOL_ADMINISTRATOR.value}


@bp.get("/")
@public(why="what Backrow is; whoever is signed in gets their own next steps, listed by the policy")
def index() -> ResponseReturnValue:
    """Show what to do now, in five seconds."""
    if not current_user.is_authenticated:
        with door() as session:
            if not administrator_exists(session):
                return redirect("/set-up", code=303)
        return render_template("home/welcome.html")
    with transaction() as session:
        local = this_moment(session).astimezone(ZoneInfo(me().time_zone))
        return render_template(
            "home/_steps.html" if request.headers.get("HX-Request") else "home/index.html",
            greeting=_greeting(local),
            today=f"{local:%A} {local.day} {local:%B}",
            home=home(session, actor(), may_invite=bool(INVITING & me().roles)),
        )


def _greeting(local: datetime) -> str:
    return "Good morning" if local.hour < NOON else "Good afternoon" if local.hour < EVENING else "Good evening"
