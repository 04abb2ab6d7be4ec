"""Section 2.3 read into plain Python: who is who, who lets whom in, and what is one's own."""

from tests.access.facts import Invitation, Membership, School, Someone, World
from tests.access.short import holds_role, member, staff, staff_memberships

ADMINISTRATOR, EVERYWHERE = "school_administrator", "alliance_administrator"


def alliance_staff(w: World, p: Someone, _alliance: World) -> bool:
    """Staff ∧ here: open a project, look into the directory."""
    return staff(w, p)


def alliance_manage(w: World, p: Someone, _alliance: World) -> bool:
    """An alliance administrator adds schools."""
    return holds_role(w, p, EVERYWHERE)


def manage(w: World, p: Someone, s: School) -> bool:
    """A: in the own school; alliance administrator: in any."""
    return holds_role(w, p, ADMINISTRATOR, s) or holds_role(w, p, EVERYWHERE)


def manage_membership(w: World, p: Someone, membership: Membership) -> bool:
    """Change roles, suspend, end."""
    return manage(w, p, membership.school)


def manage_invitation(w: World, p: Someone, invitation: Invitation) -> bool:
    """Invite, and take an invitation back."""
    return manage(w, p, invitation.school)


def manage_person(w: World, p: Someone, q: Someone) -> bool:
    """A, where q belongs to no other school (3.6: stopping an account stops it everywhere); the alliance's, always."""
    schools = [s for s in w.schools.values() if member(w, q, s)]
    everywhere = holds_role(w, p, EVERYWHERE)
    return everywhere or (bool(schools) and all(holds_role(w, p, ADMINISTRATOR, s) for s in schools))


def directory(w: World, p: Someone, q: Someone) -> bool:
    """Name and school of colleagues, for the staff of the alliance; pupils have no profile and no search (P51)."""
    return staff(w, p) and bool(staff_memberships(w, q))


def school_staff(w: World, p: Someone, s: School) -> bool:
    """Any staff member of that school."""
    return staff(w, p, s)


def own_device(_w: World, p: Someone, device: Someone) -> bool:
    """Unsaid: one's own; ending one is a narrowing act that waits for nothing (P27)."""
    return p is device


def own_account(_w: World, p: Someone, account: Someone) -> bool:
    """One's own, while the account is active."""
    return p is account and p.account == "active"


def person_read(w: World, p: Someone, q: Someone) -> bool:
    """Unsaid: oneself, and the administrators of the schools that one belongs to, or has belonged to."""
    return p is q or any(manage(w, p, each.school) for each in q.memberships)
