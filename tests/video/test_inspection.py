"""`backrow media inspect` tells what the machine sees."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from config.cli import cli
from tests.video.lessons import Maker
from video.inspection import inspect
from video.process import Jail


def test_inspect_tells_probe_and_plan_as_json(maker: Maker, jail: Jail) -> None:
    told = json.loads(json.dumps(inspect(maker.lesson("phone.mp4").path, jail=jail)))
    assert told["vfr"] is True
    assert (told["picture"]["width"], told["picture"]["height"], told["picture"]["rotation"]) == (360, 640, 270)
    assert sum(chunk["frames"] for chunk in told["plan"]["chunks"]) == told["frames"]
    assert told["plan"]["renditions"] == ["240p 136x240", "480p 270x480"]


def test_the_command_tells_it_in_plain_words(maker: Maker, tmp_path: Path) -> None:
    film = maker.lesson("phone.mp4")
    said = typed(film.path, tmp_path)
    assert said.exit_code == 0, said.output
    for words in ("h264 360 × 640, turned by 270°", "variable rate", "240p 136x240, 480p 270x480", "of one core"):
        assert words in said.output
    assert f"frames    {len(film.numbers):,}" in said.output


def test_a_file_that_would_be_refused_is_refused_in_its_teachers_words(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no film")
    said = typed(tmp_path / "notes.mp4", tmp_path)
    assert said.exit_code == 1
    assert "not_video: We could not find a video in this file." in said.output
    assert "Traceback" not in said.output


def typed(film: Path, data: Path) -> Result:
    return CliRunner(env={"BACKROW_DATA": str(data)}).invoke(cli, ["media", "inspect", str(film)])
