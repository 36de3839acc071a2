"""Grants: roles of other principals on a persona. Its owner has all rights and needs no grant."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from pynamodb.attributes import UnicodeSetAttribute

from shutterpost.personas.persona import Persona
from shutterpost.personas.store import PersonasTable
from shutterpost.runtime import commit
from shutterpost.runtime.refusals import Conflict, Invalid, NotFound
from shutterpost.runtime.values import Value

MAX_GRANTS = 50


class Role(StrEnum):
    """What a principal may do with a persona; each role includes the ones before it."""

    VIEWER = "viewer"
    AUTHOR = "author"
    OPERATOR = "operator"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        roles = list(Role)
        return roles.index(self) >= roles.index(other)


GRANTED: Final = (Role.VIEWER, Role.AUTHOR, Role.OPERATOR)


class Grant(Value):
    """The role of a principal, in the form of an owner: account id and `role/NAME`, `user/NAME` or `root`."""

    principal: str
    role: Role


class GrantNotFound(NotFound):
    """The principal has no grant on the persona."""

    kind = "grant-not-found"


class GrantInvalid(Invalid):
    """The principal is the owner, or of another account."""

    kind = "grant-invalid"


class TooManyGrants(Conflict):
    """The persona has `MAX_GRANTS` grants."""

    kind = "too-many-grants"


class GrantsItem(PersonasTable):
    """`GRANTS#{persona id}`: the principals that have each role. Decides alone on access."""

    viewers = UnicodeSetAttribute(null=True)
    authors = UnicodeSetAttribute(null=True)
    operators = UnicodeSetAttribute(null=True)


class GrantedItem(PersonasTable):
    """`GRANTED#{principal}`: the personas to look for grants on, for lists."""

    persona_ids = UnicodeSetAttribute(null=True)


_SETS: Final = {Role.VIEWER: GrantsItem.viewers, Role.AUTHOR: GrantsItem.authors, Role.OPERATOR: GrantsItem.operators}


class RoleGrants:
    def role(self, persona_id: str, *, owner: str, principal: str) -> Role | None:
        """The role of a principal on the persona of `owner`, read consistently."""
        if principal == owner:
            return Role.OWNER
        return next((grant.role for grant in self.of(persona_id) if grant.principal == principal), None)

    def of(self, persona_id: str) -> tuple[Grant, ...]:
        """The grants on a persona by principal, read consistently."""
        try:
            item = GrantsItem.get(f"GRANTS#{persona_id}", consistent_read=True)
        except GrantsItem.DoesNotExist:
            return ()
        by_role = {Role.VIEWER: item.viewers, Role.AUTHOR: item.authors, Role.OPERATOR: item.operators}
        grants = [Grant(principal=each, role=role) for role, principals in by_role.items() for each in principals or ()]
        return tuple(sorted(grants, key=lambda grant: grant.principal))

    def grant(self, persona: Persona, principal: str, role: Role) -> Grant:
        """Give a principal a role instead of any that it has. Raises `GrantInvalid` and `TooManyGrants`."""
        if principal == persona.owner:
            raise GrantInvalid(f"{principal} owns {persona.name} and needs no grant.", field="principal")
        account = persona.owner.partition("/")[0]
        if principal.partition("/")[0] != account:
            detail = f"Callers of this API are principals of the account {account}; name a role or user of it."
            raise GrantInvalid(detail, field="principal")
        others = [grant for grant in self.of(persona.persona_id) if grant.principal != principal]
        if len(others) >= MAX_GRANTS:
            raise TooManyGrants(f"{persona.name} has {MAX_GRANTS} grants; revoke one first.", limit=MAX_GRANTS)
        self._write(persona, principal, role)
        return Grant(principal=principal, role=role)

    def revoke(self, persona: Persona, principal: str) -> Grant:
        """Take a principal's role away; returns the grant that it had. Raises `GrantNotFound`."""
        role = self.role(persona.persona_id, owner="", principal=principal)
        if role is None:
            raise GrantNotFound(f"{principal} has no grant on {persona.name}; list its grants.", principal=principal)
        self._write(persona, principal, None)
        return Grant(principal=principal, role=role)

    def persona_ids(self, principal: str) -> Sequence[str]:
        """Ids of personas on which the principal may have a grant, in order, read consistently."""
        try:
            item = GrantedItem.get(f"GRANTED#{principal}", consistent_read=True)
        except GrantedItem.DoesNotExist:
            return ()
        return sorted(item.persona_ids or ())

    def _write(self, persona: Persona, principal: str, role: Role | None) -> None:
        grants = GrantsItem(f"GRANTS#{persona.persona_id}")
        granted = GrantedItem(f"GRANTED#{principal}")
        roles = [
            attribute.add({principal}) if each is role else attribute.delete({principal})
            for each, attribute in _SETS.items()
        ]
        own = GrantedItem.persona_ids
        listed = own.delete({persona.persona_id}) if role is None else own.add({persona.persona_id})
        commit.commit(
            [
                commit.update("grants", grants, [*roles, GrantsItem.owner.set(persona.owner)]),
                commit.update("granted", granted, [listed, GrantedItem.owner.set(principal)]),
            ]
        )
