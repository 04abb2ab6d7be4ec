"""`backrow media inspect` tells what the machine sees."""

import json

from tests.video.lessons import Maker
from video.inspection import inspect
from video.process import Jail


def test_inspect_tells_probe_and_plan_as_json(maker: Maker, jail: Jail) -> None:
    told = json.loads(json.dumps(inspect(maker.lesson("phone.mp4").path, jail=jail)))
    assert told["vfr"] is True
    assert (told["picture"]["width"], told["picture"]["height"], told["picture"]["rotation"]) == (360, 640, 270)
    assert sum(chunk["frames"] for chunk in told["plan"]["chunks"]) == told["frames"]
    assert told["plan"]["renditions"] == ["240p 136x240", "480p 270x480"]
