"""What can change about people, and about what they agreed."""

from random import Random

from tests.access.changing import agreed, anyone, around, change, some_project
from tests.access.facts import Entry, GuestLink, World
from tests.access.short import current
from tests.access.stage import DAY, join, version


@change
def account_stops(w: World, rng: Random) -> None:
    anyone(w, rng).account = rng.choice(["suspended", "ended"])


@change
def content_locks(w: World, rng: Random) -> None:
    anyone(w, rng).locked_until = around(w, rng)


@change
def membership_ends(w: World, rng: Random) -> None:
    for membership in anyone(w, rng).memberships:
        membership.until_at = around(w, rng)


@change
def membership_begins(w: World, rng: Random) -> None:
    for membership in anyone(w, rng).memberships:
        membership.from_at = around(w, rng)


@change
def moves_school(w: World, rng: Random) -> None:
    p = anyone(w, rng)
    roles = p.memberships[-1].roles if p.memberships else {"teacher"}
    free = [name for name, school in w.schools.items() if all(m.school is not school for m in p.memberships)]
    if free:
        join(w, p, rng.choice(free), set(roles))
        p.memberships[0].until_at = w.now - DAY if rng.random() < 0.5 else p.memberships[0].until_at


@change
def roles_change(w: World, rng: Random) -> None:
    p = anyone(w, rng)
    roles = [
        "teacher",
        "pupil",
        "data_protection_lead",
        "alliance_administrator",
        "school_administrator",
        "co_ordinator",
    ]
    for membership in p.memberships:
        membership.roles = set(rng.sample(roles, rng.choice([1, 2])))


@change
def guest_link_ends(w: World, rng: Random) -> None:
    for link in w.people["Gus"].links:
        link.until_at = around(w, rng)
        link.ended = rng.random() < 0.3


@change
def guest_link_ends_early(w: World, _rng: Random) -> None:
    for link in w.people["Gus"].links:
        link.ended = True


@change
def guest_of_another_project(w: World, _rng: Random) -> None:
    w.people["Gus"].links = [GuestLink(w.projects[1], w.now + DAY)]


@change
def member_becomes_guest(w: World, rng: Random) -> None:
    p = anyone(w, rng)
    for membership in p.memberships:
        membership.until_at = w.now - DAY
    p.links = [GuestLink(some_project(w, rng), around(w, rng))]


@change
def one_leaves(w: World, rng: Random) -> None:
    x, p = some_project(w, rng), anyone(w, rng)
    for each in [each for v in x.versions for each in v.entries if each.person is p]:
        each.left = True
    for participant in x.participants:
        participant.left = participant.left or participant.person is p


@change
def entry_is_marked_left(w: World, rng: Random) -> None:
    entries = agreed(w, rng).entries
    rng.choice(entries).left = True


@change
def entry_is_gone(w: World, rng: Random) -> None:
    v = agreed(w, rng)
    v.entries.remove(rng.choice(v.entries))


@change
def not_signed(w: World, rng: Random) -> None:
    v = agreed(w, rng)
    v.signatures.pop(rng.choice(v.entries).person, None)


@change
def signature_taken_back(w: World, rng: Random) -> None:
    v = agreed(w, rng)
    v.signatures[rng.choice(v.entries).person] = False


@change
def signed_without_being_named(w: World, rng: Random) -> None:
    agreed(w, rng).signatures[anyone(w, rng)] = True


@change
def no_watcher(w: World, rng: Random) -> None:
    each = rng.choice(agreed(w, rng).entries)
    each.watches = not each.watches


@change
def capacity_changes(w: World, rng: Random) -> None:
    each = rng.choice(agreed(w, rng).entries)
    each.capacity = rng.choice(["teacher", "observer", "mentor", "moderator", "detective", "guest"])


@change
def group_shrinks(w: World, rng: Random) -> None:
    v = agreed(w, rng)
    keep = rng.sample(v.entries, rng.choice([1, 1, 2]))
    for each in v.entries:
        each.left = each not in keep


@change
def version_ends(w: World, rng: Random) -> None:
    agreed(w, rng).until_at = around(w, rng)


@change
def clause_changes(w: World, rng: Random) -> None:
    says = agreed(w, rng).clauses
    name, words = rng.choice(
        [
            ("readers", ["teacher", "group"]),
            ("clips_by", ["owner", "watchers"]),
            ("download", ["nobody", "owner", "watchers"]),
            ("pupils", ["yes", "no"]),
        ]
    )
    says[name] = rng.choice(words)


@change
def words_are_kept(w: World, rng: Random) -> None:
    says = agreed(w, rng).clauses
    says["after_erase"] = rng.choice(["erase", "teacher_keeps_text", "teacher_keeps_text"])
    says["text_until_at"] = around(w, rng)


@change
def proposal(w: World, rng: Random) -> None:
    x = some_project(w, rng)
    if all(v.state != "proposed" for v in x.versions):
        v = version(w, rng, x, "proposed", rng.choice(["clauses", "people"]))
        v.author = rng.choice(v.entries).person
        v.entries.append(Entry(w.people["Ash"], "observer", watches=True))
        v.signatures = {each.person: rng.random() < 0.8 for each in rng.sample(v.entries, 2)}


@change
def draft(w: World, rng: Random) -> None:
    x = some_project(w, rng)
    v = version(w, rng, x, rng.choice(["draft", "draft", "dropped"]), rng.choice(["clauses", "people"]))
    v.author = rng.choice([v.author, rng.choice(v.entries).person])


@change
def newer_version(w: World, rng: Random) -> None:
    x = some_project(w, rng)
    old = current(x)
    if old is None or any(v.state == "proposed" for v in x.versions):
        return
    old.state = "superseded"
    v = version(w, rng, x, "in_force", rng.choice(["clauses", "people"]))
    una = w.people["Una"]
    if all(each.person is not una for each in v.entries):
        v.entries.append(Entry(una, rng.choice(["observer", "detective", "mentor"]), watches=True))
    v.signatures = {each.person: True for each in v.entries if not each.left}
    for r in w.recordings:
        r.bound = v if r.bound is old and rng.random() < 0.3 else r.bound


@change
def none_in_force(w: World, rng: Random) -> None:
    x = some_project(w, rng)
    v = current(x)
    taken = any(each.state == "proposed" for each in x.versions)
    if v is not None:
        v.state = rng.choice(["superseded", "dropped", "draft"] if taken else ["proposed", "draft", "dropped"])
