"""Who works at the desk: accounts with a role."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["", "reader", "editor", "admin"]
ROLES: tuple[Role, ...] = ("reader", "editor", "admin")  # each may what those before it may
_RANK = {role: rank for rank, role in enumerate(("", *ROLES))}


@dataclass(frozen=True, slots=True)
class User:
    """``name`` '' is whoever sits at this machine, or has the one password of the archive."""

    name: str
    role: Role
    email: str = ""

    def may(self, role: Role) -> bool:
        """Whether this person has at least the role."""
        return _RANK[self.role] >= _RANK[role]


NOBODY = User("", "")  # the public, and whoever has not logged in
READER = User("", "reader")
THIS_MACHINE = User("", "admin")
