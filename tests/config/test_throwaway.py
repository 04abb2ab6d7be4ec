"""Folders for clusters that are soon gone: in memory where there is room, and given back even after a kill."""

import os
from pathlib import Path

import pytest

from config import children, throwaway
from config.throwaway import throwaway_folder


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(throwaway, "_MEMORY", tmp_path)
    monkeypatch.setattr(throwaway, "_ROOM_BYTES", 0)
    return tmp_path


def test_it_lies_in_memory_closed_to_others_and_is_gone_afterwards(memory: Path) -> None:
    with throwaway_folder() as folder:
        assert folder.parent == memory
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "row").write_text("of nobody's")
    assert list(memory.iterdir()) == []


def test_where_memory_has_no_room_it_lies_on_disk(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throwaway, "_ROOM_BYTES", 1 << 62)
    with throwaway_folder() as folder:
        assert folder.is_dir()
        assert folder.parent != memory
    assert not folder.exists()


def test_what_a_killed_process_left_is_given_back_and_a_living_one_keeps_its_own(memory: Path) -> None:
    status, process_id = children.run(["sh", "-c", "echo $$"], timeout_s=10)
    assert status == 0
    left, ours = memory / f"backrow-throwaway-{process_id.strip()}-x", memory / f"backrow-throwaway-{os.getpid()}-x"
    left.mkdir()
    (left / "page").write_bytes(b"0" * 8192)
    ours.mkdir()
    with throwaway_folder():
        assert not left.exists()
        assert ours.exists()
