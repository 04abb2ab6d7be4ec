"""Which facts can be asked about, by the table that holds them; and how a count is told."""

import sys
from functools import cache
from typing import Any
from uuid import UUID

from tests.access.facts import World


def said(words: str) -> None:
    """Say what was counted: with `-s`, or where a test fails."""
    sys.stdout.write(f"{words}\n")


@cache
def things(w: World) -> dict[str, dict[UUID, Any]]:
    """Give every thing of a world by table and id, as the policy names it."""
    projects, recordings, people = w.projects, w.recordings, list(w.people.values())
    return {
        "alliance": {w.id: w},
        "school": {s.id: s for s in w.schools.values()},
        "person": {p.id: p for p in people},
        "account": {p.account_id: p for p in people},
        "device": {p.device_id: p for p in people},
        "membership": {m.id: m for m in w.memberships},
        "invitation": {i.id: i for i in w.invitations},
        "project": {x.id: x for x in projects},
        "protocol_version": {v.id: v for x in projects for v in x.versions},
        "cycle": {c.id: c for x in projects for c in x.cycles},
        "target": {t.id: t for x in projects for c in x.cycles for t in c.targets},
        "recording": {r.id: r for r in recordings},
        "clip": {c.id: c for r in recordings for c in r.clips},
        "note": {n.id: n for r in recordings for n in r.notes},
        "feedback": {f.id: f for r in recordings for f in r.feedback},
        "upload": {u.id: u for r in recordings for u in r.uploads},
        "access_event": {e.id: e for r in recordings for e in r.watched},
    }
