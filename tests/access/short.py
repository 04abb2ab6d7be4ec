"""The facts and short conditions of the rule book's section 2.2, read into plain Python from its text alone."""

from collections.abc import Callable

from tests.access.facts import Entry, Membership, Project, Recording, School, Someone, Version, World

DATA_LEAD = "data_protection_lead"


def live(w: World, membership: Membership) -> bool:
    """From ≤ now < until."""
    return membership.from_at <= w.now and (membership.until_at is None or w.now < membership.until_at)


def memberships(w: World, p: Someone) -> list[Membership]:
    """Those that are live."""
    return [membership for membership in p.memberships if live(w, membership)]


def guest(w: World, p: Someone, x: Project) -> bool:
    """A live guest of exactly this project."""
    return any(link.project is x and not link.ended and w.now < link.until_at for link in p.links)


def here(w: World, p: Someone, x: Project | None = None) -> bool:
    """Account active, and a live membership or the project's live guest."""
    return p.account == "active" and (bool(memberships(w, p)) or (x is not None and guest(w, p, x)))


def unlocked(w: World, p: Someone) -> bool:
    """No content lock; exactly at its end it has passed."""
    return p.locked_until is None or p.locked_until <= w.now


def member(w: World, p: Someone, s: School) -> bool:
    """A live membership of p in school s."""
    return any(membership.school is s for membership in memberships(w, p))


def holds_role(w: World, p: Someone, role: str, s: School | None = None) -> bool:
    """An active account with a live membership (of s) in this role."""
    found = [m for m in memberships(w, p) if role in m.roles and (s is None or m.school is s)]
    return p.account == "active" and bool(found)


def staff_memberships(w: World, p: Someone, s: School | None = None) -> list[Membership]:
    """Those live ones (of s) that aren't a pupil's."""
    return [m for m in memberships(w, p) if m.roles - {"pupil"} and (s is None or m.school is s)]


def staff(w: World, p: Someone, s: School | None = None) -> bool:
    """Here, by a membership (of s) that isn't a pupil's."""
    return p.account == "active" and bool(staff_memberships(w, p, s))


def participant(p: Someone, x: Project, *, capacity: str | None = None) -> bool:
    """Takes part: was asked, and hasn't left; whoever is asked must be able to read what they are to sign."""
    return any(each.person is p and not each.left and capacity in {None, each.capacity} for each in x.participants)


def entry(v: Version, p: Someone) -> Entry | None:
    """Give p's live entry."""
    return next((each for each in v.entries if each.person is p and not each.left), None)


def signed(v: Version, p: Someone) -> bool:
    """Signed, and not taken back."""
    return v.signatures.get(p, False)


def complete(v: Version) -> bool:
    """At least two live entries, and each of those persons has signed."""
    entries = [each for each in v.entries if not each.left]
    return len(entries) >= 2 and all(signed(v, each.person) for each in entries)


def current(x: Project) -> Version | None:
    """Give the one version in force."""
    return next((v for v in x.versions if v.state == "in_force"), None)


def open_(x: Project) -> bool:
    """A complete current version, and no clauses version on the table."""
    v = current(x)
    return v is not None and complete(v) and not clauses_proposed(x)


def clauses_proposed(x: Project) -> bool:
    """Whether a version of kind clauses is put to the group."""
    return any(v.state == "proposed" and v.kind == "clauses" for v in x.versions)


def names(w: World, v: Version, p: Someone) -> bool:
    """Live entry, signed, a watcher, before the version's until."""
    mine = entry(v, p)
    return mine is not None and signed(v, p) and mine.watches and w.now < v.until_at


def both(r: Recording, holds: Callable[[Version], bool]) -> bool:
    """Current and bound exist, and it holds for each."""
    now = current(r.project)
    return now is not None and r.bound is not None and holds(now) and holds(r.bound)


def objected(w: World, r: Recording) -> bool:
    """Whether an objection to this school, class and day isn't settled for this recording."""
    return any(
        objection.school is r.school
        and objection.class_code.strip().lower() == r.class_code.strip().lower()  # however it was typed
        and objection.from_on <= r.recorded_on
        and (objection.until_on is None or r.recorded_on <= objection.until_on)
        and r not in objection.settled_for
        for objection in w.objections
    )


def held(r: Recording) -> bool:
    """Under a hold."""
    return any(not hold.lifted for hold in r.holds)


def standing(r: Recording) -> bool:
    """Neither erasing nor erased."""
    return r.state not in {"erasing", "erased"}


def alive(w: World, r: Recording) -> bool:
    """Standing, before its date."""
    return standing(r) and w.now < r.delete_at


def free(w: World, r: Recording) -> bool:
    """No open objection, no hold."""
    return not objected(w, r) and not held(r)


def text_alive(w: World, r: Recording) -> bool:
    """Alive, or under hold and standing."""
    return alive(w, r) or (held(r) and standing(r))


def stands(w: World, r: Recording) -> bool:
    """The owner can act: active, unlocked, member of its school, on the current version and signed."""
    v, o = current(r.project), r.owner
    return (
        o.account == "active"
        and unlocked(w, o)
        and member(w, o, r.school)
        and v is not None
        and entry(v, o) is not None
        and signed(v, o)
    )


def outside(p: Someone, r: Recording) -> bool:
    """Takes part neither now nor ever: not the owner, never on a roster, never a participant."""
    rostered = any(each.person is p for v in r.project.versions for each in v.entries)
    taking_part = any(each.person is p for each in r.project.participants)
    return p is not r.owner and not rostered and not taking_part


def capacity(r: Recording, p: Someone) -> str | None:
    """P's capacity in the current version."""
    v = current(r.project)
    mine = entry(v, p) if v else None
    return mine.capacity if mine else None


def watch_owner(w: World, p: Someone, r: Recording) -> bool:
    """The first rule of 2.3."""
    return (
        p is r.owner
        and here(w, p, r.project)
        and unlocked(w, p)
        and member(w, p, r.school)
        and alive(w, r)
        and not held(r)
    )


def may_be_shown(w: World, r: Recording) -> bool:
    """What `watch_named` asks of the recording alone."""
    return alive(w, r) and free(w, r) and r.state == "shared" and open_(r.project) and stands(w, r)


def pupil_may(w: World, p: Someone, r: Recording) -> bool:
    """What is asked of a detective beside."""
    window = any(each.pupil is p and not each.closed and each.from_at <= w.now < each.until_at for each in r.windows)
    return (
        both(r, lambda v: v.clauses["pupils"] == "yes")
        and p.trained
        and p.consent == "given"
        and member(w, p, r.school)
        and window
    )


def watch_named(w: World, p: Someone, r: Recording) -> bool:
    """The second rule of 2.3."""
    return (
        p is not r.owner
        and here(w, p, r.project)
        and unlocked(w, p)
        and may_be_shown(w, r)
        and both(r, lambda v: names(w, v, p))
        and (capacity(r, p) != "detective" or pupil_may(w, p, r))
    )


def adult_observer(w: World, p: Someone, r: Recording) -> bool:
    """`watch_named`, neither guest nor detective."""
    return watch_named(w, p, r) and capacity(r, p) not in {"guest", "detective"}
