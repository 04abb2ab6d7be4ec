"""`/storage/<key>`: the local storage's own addresses, to read one object or to send one part. Nothing else gets in.

Whoever holds an address may use it: the policy was asked before it was signed, and it ends by itself.
"""

from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue

from app.web.guard import public
from video.storage.base import DigestDiffers, NotStored, PartToSend, StorageError, StorageFull, UploadGone
from video.storage.local import LocalStorage
from video.storage.signing import AddressRefused, Grant

_WHY = "The address is the permission: signed for one object and one method, and ended soon."
_REFUSED = "This address does not hold. Go back to the page and try again.\n"
_STATUS: dict[type[StorageError], int] = {DigestDiffers: 400, NotStored: 404, UploadGone: 404, StorageFull: 507}
_BLOCK_BYTES = 256 * 1024
#: A refused body up to this size is read and thrown away, so that the browser hears the answer before the line closes.
_MOST_IGNORED_BYTES = 64 * 1024 * 1024


def make_blueprint(storage: LocalStorage) -> Blueprint:
    """Serve the signed addresses of `storage`; they hold on the host that its signer was given."""
    objects = Blueprint("objects", __name__)

    @objects.get("/storage/<path:key>")
    @public(why=_WHY)
    def read(key: str) -> ResponseReturnValue:
        """Give one object, or the range that was asked for."""
        grant = _admit(storage, key)
        path = storage.local_path(grant.key)
        return send_file(path, mimetype=grant.fields["type"], conditional=True, etag=False)

    @objects.put("/storage/<path:key>")
    @public(why=_WHY, form_token=False)
    def send_part(key: str) -> ResponseReturnValue:
        """Take one part of an upload as it arrives, and answer with its ETag."""
        grant = _admit(storage, key)
        part = PartToSend(int(grant.fields["part"]), int(grant.fields["size"]), grant.fields["sha256"])
        if request.content_length is None:
            return _sentence("Say how long the part is (Content-Length).\n", 411)
        if request.content_length != part.size_bytes:
            _ignore_body()
            return _sentence("That is not the size this address was made for. Send this part again.\n", 400)
        _allow_body(part.size_bytes)
        answer = Response(status=200)
        answer.set_etag(storage.put_part(grant.key, grant.fields["upload"], part, request.stream).etag)
        return answer

    objects.register_error_handler(AddressRefused, _refuse)
    objects.register_error_handler(StorageError, _explain)
    objects.after_request(_guard_headers)
    return objects


def _admit(storage: LocalStorage, key: str) -> Grant:
    query = {name: values[0] for name, values in request.args.lists() if len(values) == 1}
    if len(query) != len(request.args):
        raise AddressRefused  # a field said twice: which one would have been signed?
    return storage.admit(request.method, key, host=request.host, query=query)


def _refuse(_: AddressRefused) -> ResponseReturnValue:
    _ignore_body()
    return _sentence(_REFUSED, 403)


def _explain(error: StorageError) -> ResponseReturnValue:
    status = _STATUS.get(type(error), 503)
    _ignore_body()
    return _sentence(f"{error.say}\n", status)


def _sentence(say: str, status: int) -> Response:
    return Response(say, status=status, mimetype="text/plain")


def _allow_body(size_bytes: int) -> None:
    """Let a body of this size pass, where pages allow less; asking for a byte past its end is no offence."""
    request.max_content_length = size_bytes + 1


def _ignore_body() -> None:
    left = request.content_length or 0
    if left > _MOST_IGNORED_BYTES:
        return
    _allow_body(left)
    while left > 0 and (block := request.stream.read(min(_BLOCK_BYTES, left))):
        left -= len(block)


def _guard_headers(answer: Response) -> Response:
    """Let nobody keep it, guess what it is, or show it elsewhere."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
