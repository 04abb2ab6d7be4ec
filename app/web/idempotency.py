"""The same request sent twice is one act: its first answer is kept, and given again."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import KeptAnswer
from app.authz import Actor
from app.errors import BackrowError, Invalid

MOST_CHARACTERS = 100


class KeyNeeded(BackrowError):
    """The request must carry an Idempotency-Key."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "key_needed", "Send an Idempotency-Key with this request, so that it can be sent again safely."
        )


def sent_key() -> str:
    """Give the request's key, whole: of two that begin alike, the second would be answered as the first.

    Raises:
        KeyNeeded: the request has no key.
        Invalid: the key is too long (`key_unclear`).
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise KeyNeeded
    if len(key) > MOST_CHARACTERS:
        raise Invalid("key_unclear", f"Send an Idempotency-Key of up to {MOST_CHARACTERS} signs.")
    return key


def once(session: Session, who: Actor, act: Callable[[], tuple[dict[str, Any], int]]) -> Response:
    """Do `act` and keep its answer, or give the answer kept from the first time.

    The key is held by a lock until the transaction ends: of two at the same moment, the second waits and then finds
    the first one's answer.

    Raises:
        KeyNeeded: the request has no key.
        Invalid: the key is too long (`key_unclear`), or was used for another request (`key_reused`).
    """
    key = sent_key()
    route = f"{request.method} {request.path}"
    body_hash = sha256(request.get_data()).hexdigest()
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{who.person_id} {route} {key}", 0))))
    kept = session.scalar(
        select(KeptAnswer).where(
            KeptAnswer.person_id == who.person_id, KeptAnswer.route == route, KeptAnswer.key == key
        )
    )
    if kept is None:
        answer, status = act()
        session.add(
            KeptAnswer(
                person_id=who.person_id,
                route=route,
                key=key,
                body_hash=body_hash,
                status=status,
                answer=json.loads(json.dumps(answer, default=str)),
            )
        )
        return _made(answer, status)
    if kept.body_hash != body_hash:
        raise Invalid("key_reused", "This key was used for another request. Make a new one.")
    response = _made(kept.answer, kept.status)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _made(answer: dict[str, Any], status: int) -> Response:
    response = jsonify(answer)
    response.status_code = status
    return response
