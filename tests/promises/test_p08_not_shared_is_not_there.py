"""P8: what isn't shared with somebody doesn't exist for them, to the byte."""

from pathlib import Path
from uuid import uuid4

from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.app.agreements.web import bare
from tests.promises.cast import OTHERS, cast


def answer_of(answer: TestResponse) -> tuple[int, str, list[str]]:
    return answer.status_code, bare(answer.text), sorted(name for name, _ in answer.headers)


def test_p08_each_address_of_a_private_lesson_answers_as_for_nothing(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    private = cast(sessions, tmp_path, "private")
    recording_id = str(private.ids["recording_id"])
    there = [address for address in private.addresses("recording_id") if recording_id in address]
    assert len(there) >= 15
    for who in OTHERS:
        for address in there:
            nowhere = private.ask(who, address.replace(recording_id, str(uuid4())))
            assert nowhere.status_code in {303, 401, 404}, (who, address)
            assert answer_of(private.ask(who, address)) == answer_of(nowhere), (who, address)
