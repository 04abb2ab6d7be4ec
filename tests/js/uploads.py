"""Uploads as Backrow's server takes them: in parts, each at an address of its own, put together at the end."""

import base64
import hashlib
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from tests.js.said import said

PART_BYTES = 262_144
bp = Blueprint("uploads", __name__)


@bp.post("/api/v1/uploads")
def create_upload() -> ResponseReturnValue:
    """Begin an upload, or carry on with the one of the same file."""
    wish = request.get_json()
    assert request.headers["Idempotency-Key"]
    for upload_id, wished in said().uploads.items():
        if (wished["fingerprint"], wished["kind"]) == (wish["fingerprint"], wish["kind"]):
            return jsonify(_book(upload_id)), 200
    upload_id = f"u{len(said().uploads) + 1}"
    said().uploads[upload_id] = wish
    return jsonify(_book(upload_id)), 201


def _book(upload_id: str) -> dict[str, Any]:
    now, wish = said(), said().uploads[upload_id]
    received = [
        {"number": number, "etag": f'"{number}"', "size_bytes": len(body), "sha256": _digest(body)}
        for (upload, number), body in sorted(now.parts.items())
        if upload == upload_id
    ]
    parts_total = -(-wish["size_bytes"] // PART_BYTES)
    return {
        "upload_id": upload_id,
        "recording_id": "r1",
        "state": "open",
        "part_bytes": PART_BYTES,
        "parts_total": parts_total,
        "received": received,
        "urls_at_once": 8,
    }


def _digest(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


@bp.get("/api/v1/uploads/<upload_id>")
def upload(upload_id: str) -> ResponseReturnValue:
    """Tell what storage has."""
    if said().expired:
        return jsonify(code="expired", detail="We kept your parts for 7 days."), 410
    return jsonify(_book(upload_id))


@bp.delete("/api/v1/uploads/<upload_id>")
def cancel_upload(upload_id: str) -> ResponseReturnValue:
    """Forget an upload and its parts."""
    now = said()
    now.uploads.pop(upload_id, None)
    now.parts = {key: body for key, body in now.parts.items() if key[0] != upload_id}
    return "", 204


@bp.post("/api/v1/uploads/<upload_id>/part-urls")
def part_urls(upload_id: str) -> ResponseReturnValue:
    """Give addresses for parts."""
    urls = []
    for part in request.get_json()["parts"]:
        old = part["number"] in said().old_parts
        said().old_parts.discard(part["number"])
        url = f"{said().storage}/storage/parts/{upload_id}/{part['number']}{'?old=1' if old else ''}"
        urls.append(
            {
                "number": part["number"],
                "url": url,
                "method": "PUT",
                "headers": {"x-amz-checksum-sha256": part["sha256"]},
            }
        )
    return jsonify(urls=urls)


@bp.put("/storage/parts/<upload_id>/<int:number>")
def take_part(upload_id: str, number: int) -> ResponseReturnValue:
    """Take a part's bytes, unless held up or asked by an old address."""
    now = said()
    if "old" in request.args:
        return "", 403
    with now.counting:
        now.asked += 1
        held = now.hold_after is not None and now.asked > now.hold_after
    if held:
        now.go.wait(30)
        return "", 503
    body = request.get_data()
    assert request.headers["x-amz-checksum-sha256"] == _digest(body)
    now.parts[upload_id, number] = body
    now.puts[upload_id, number] += 1
    return "", 200, {"ETag": f'"{number}"'}


@bp.post("/api/v1/uploads/<upload_id>/complete")
def complete_upload(upload_id: str) -> ResponseReturnValue:
    """Put the parts together."""
    said().completed.append({"upload_id": upload_id, **request.get_json()})
    return jsonify(recording_id="r1", state="verifying"), 202
