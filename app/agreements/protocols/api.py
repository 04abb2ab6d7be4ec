"""A protocol for machines: read, put to the group, sign, take off the table."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.agreements.protocols import service
from app.agreements.protocols.models import ProtocolVersion
from app.agreements.protocols.pages import as_json
from app.authz import Action, Permit, permit
from app.web.guard import requires
from app.web.idempotency import once
from app.web.json_body import Body
from app.web.unit import actor, transaction

bp = Blueprint("protocols_api", __name__, url_prefix="/api/v1/protocols")


@bp.get("/<uuid:version_id>")
@requires(Action.PROTOCOL_READ)
def show(version_id: UUID) -> ResponseReturnValue:
    """Give one version, whole, with the hash that a signature names."""
    with transaction() as session:
        version = permit(session, actor(), Action.PROTOCOL_READ, ProtocolVersion, version_id).thing
        return jsonify(as_json(session, version))


@bp.post("/<uuid:version_id>/sign")
@requires(Action.PROTOCOL_READ)
def sign(version_id: UUID) -> ResponseReturnValue:
    """Sign exactly the text whose hash is sent."""
    body = Body.of_request()
    typed_name, text_hash = body.text("typed_name"), body.text("text_hash")
    body.done()
    with transaction() as session:
        return _act(
            session,
            version_id,
            Action.PROTOCOL_SIGN,
            lambda may_sign: service.sign(session, may_sign, typed_name=typed_name, text_hash=text_hash),
        )


@bp.post("/<uuid:version_id>/propose")
@requires(Action.PROTOCOL_READ)
def propose(version_id: UUID) -> ResponseReturnValue:
    """Put one's draft to the group."""
    with transaction() as session:
        return _act(
            session, version_id, Action.PROTOCOL_PROPOSE, lambda may_propose: service.propose(session, may_propose)
        )


@bp.post("/<uuid:version_id>/drop")
@requires(Action.PROTOCOL_READ)
def drop(version_id: UUID) -> ResponseReturnValue:
    """Take a proposal off the table."""
    with transaction() as session:
        return _act(session, version_id, Action.PROTOCOL_DROP, lambda may_drop: service.drop(session, may_drop))


def _act(
    session: Session, version_id: UUID, action: Action, do: Callable[[Permit[ProtocolVersion]], object]
) -> ResponseReturnValue:
    """Do it once: whoever may still read the version gets the first answer again, though the act itself is over."""
    permit(session, actor(), Action.PROTOCOL_READ, ProtocolVersion, version_id)

    def act() -> tuple[dict[str, Any], int]:
        do(permit(session, actor(), action, ProtocolVersion, version_id))
        return as_json(session, session.get_one(ProtocolVersion, version_id)), 200

    return once(session, actor(), act)
