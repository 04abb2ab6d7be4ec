"""`/api/v1/events`: what open pages are told, as a stream or by asking now and then."""

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app.errors import Invalid
from app.home.live.stream import Stream
from app.home.live.telling import begin, tell_now, topics_of
from app.notify.live.listening import Hub
from app.web.guard import signed_in
from app.web.numbers import whole
from app.web.parts import parts
from app.web.unit import actor, me, sessions, transaction

bp = Blueprint("live", __name__)
#: Of an event's id: any such number is one that the database can hold.
MOST_DIGITS = 18
#: Where whoever serves the application may say that it is being stopped (an extension, called without arguments).
STOPPING = "backrow stopping"


@bp.get("/api/v1/events")
@signed_in(why="one's own topics; each event is asked of the policy when it is sent")
def events() -> ResponseReturnValue:
    """Tell a page what changes, for as long as it is open: `?topics=me,recording:<id>&after=<id>`."""
    who = me()
    stream = Stream(
        sessions=sessions(), who=who, topics=topics_of(who.actor, request.args.get("topics", "")), after=_after()
    )
    hub = _hub()
    ear = hub.join(stream.topics, whose=who.actor.person_id)
    response = Response(stream.lines(ear), mimetype="text/event-stream")
    response.call_on_close(lambda: hub.leave(ear))
    # nginx would hold the lines back until it has a bufferful.
    response.headers["X-Accel-Buffering"] = "no"
    return response


@bp.get("/api/v1/events/poll")
@signed_in(why="one's own topics; each event is asked of the policy when it is sent")
def poll() -> ResponseReturnValue:
    """Tell a page what has changed since it asked last; for lines on which no stream holds."""
    topics, after = topics_of(actor(), request.args.get("topics", "")), _after()
    with transaction() as session:
        told = tell_now(session, actor(), topics, begin(session, after))
        items = [{"id": str(event.id), "event": event.event, "data": event.data} for event in told.events]
        if told.reset:
            items.insert(0, {"id": str(told.upto), "event": "sync.reset", "data": {}})
        return jsonify(events=items, after=str(told.upto))


def _after() -> int | None:
    """Say from where: a reconnecting browser says so itself, a page by its address."""
    said = request.headers.get("Last-Event-ID") or request.args.get("after") or ""
    if not said:
        return None
    event_id = whole(said, most_digits=MOST_DIGITS)
    if event_id is None:
        raise Invalid("after_unclear", "`after` is the id of the last event that was received.")
    return event_id


def _hub() -> Hub:
    """Give this application's hub; made when first asked for, so that nothing listens before a fork."""
    kept = current_app.extensions
    if "backrow live" not in kept:
        made = Hub(parts().listen_conninfo, most=parts().most_streams, stopping=kept.get(STOPPING, lambda: False))
        kept.setdefault("backrow live", made)
    hub: Hub = kept["backrow live"]
    return hub
