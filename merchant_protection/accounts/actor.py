"""Who acts: a person, a merchant's program, the selling platform, or the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What sort of actor it is."""

    ANONYMOUS = "ANONYMOUS"
    USER = "USER"
    KEY = "KEY"
    PLATFORM = "PLATFORM"
    CLOCK = "CLOCK"


WRITING_ROLES = frozenset({"OWNER", "OPERATOR"})


@dataclass(frozen=True)
class Actor:
    """A frozen value, loaded once per request and taken by every command and policy."""

    kind: Kind
    id: int | None = None
    name: str = ""
    merchant_id: int | None = None
    merchant_roles: Mapping[int, str] = field(default_factory=dict)
    staff_roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    origin: str = ""
    request_id: str = ""

    @classmethod
    def anonymous(cls) -> "Actor":
        """Nobody we know."""
        return cls(kind=Kind.ANONYMOUS)

    @classmethod
    def clock(cls, name: str) -> "Actor":
        """A sweep or drain, by its name."""
        return cls(kind=Kind.CLOCK, name=name)

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for the marketplace."""
        return bool(self.staff_roles)

    @property
    def is_person(self) -> bool:
        """Whether somebody is signed in."""
        return self.kind == Kind.USER

    @property
    def is_program(self) -> bool:
        """Whether it is a program with a key, of a shop or of the selling platform."""
        return self.kind in (Kind.KEY, Kind.PLATFORM)

    @property
    def is_system(self) -> bool:
        """Whether the actor is the clock or the selling platform itself, which see every merchant."""
        return self.kind in (Kind.CLOCK, Kind.PLATFORM)

    def has_staff_role(self, *roles: str) -> bool:
        """Whether the actor holds one of these staff roles."""
        return bool(self.staff_roles.intersection(roles))

    def has_scope(self, scope: str) -> bool:
        """Whether a program's key carries this scope; people are judged by their roles."""
        return scope in self.scopes

    def role_in(self, merchant_id: int | None) -> str | None:
        """Return the actor's role in a shop, if any."""
        return self.merchant_roles.get(merchant_id) if merchant_id is not None else None

    def may_read(self, merchant_id: int) -> bool:
        """Whether the actor belongs to the shop: a member, or its program."""
        return merchant_id in self.merchant_roles or (self.kind == Kind.KEY and self.merchant_id == merchant_id)

    def may_write(self, merchant_id: int) -> bool:
        """Whether the actor may change the shop's ordinary things: owners and operators."""
        return self.role_in(merchant_id) in WRITING_ROLES

    def may_act(self, merchant_id: int, scope: str) -> bool:
        """Whether the actor may change such things of the shop: who may write, and its programs with the scope."""
        is_own_program = self.kind == Kind.KEY and self.merchant_id == merchant_id
        return self.may_write(merchant_id) or (is_own_program and self.has_scope(scope))

    def owns(self, merchant_id: int) -> bool:
        """Whether the actor may change who belongs to the shop, its keys and its settings."""
        return self.role_in(merchant_id) == "OWNER"
