"""Access: what the caller may do with a persona, and with the posts and schedules that belong to it.

A route declares the role that it needs by the type of its parameter: `Viewer`, `Author`, `Operator` or `OwnerOnly`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args, get_type_hints

from aws_lambda_powertools.event_handler import Depends, Request

from schedule_post.http.principal import Forbidden, owner_of
from schedule_post.wiring import Services, Wired
from shutterpost.personas import Persona, PersonaNotFound, Role
from shutterpost.runtime.values import Value
from shutterpost.scheduling import PostDetails, PostNotFound, Schedule, ScheduleNotFound


class RoleMissing(Forbidden):
    """The caller's role on the persona does not allow the request."""

    kind = "role-missing"


class AccessiblePersona(Persona):
    """A persona, with the caller's role on it."""

    role: Role


class AccessiblePersonas(Value):
    """One page of personas."""

    personas: tuple[AccessiblePersona, ...]
    cursor: str | None = None


@dataclass(frozen=True)
class Access:
    """The caller, with the role that the route needs. What the caller has no role on does not exist for it."""

    principal: str
    needed: Role
    services: Services

    def persona(self, persona_id: str) -> Persona:
        """The persona, read consistently. Raises `PersonaNotFound` and `RoleMissing`."""
        persona = self.services.personas.get(persona_id)
        if not self._allows(persona_id, persona.owner):
            raise PersonaNotFound.of(persona_id)
        return persona

    def post(self, post_id: str) -> PostDetails:
        """The post with its parts. Raises `PostNotFound` and `RoleMissing`."""
        details = self.services.posts.details(post_id)
        if not self._allows(details.post.persona_id, details.post.owner):
            raise PostNotFound.of(post_id)
        return details

    def schedule(self, schedule_id: str) -> Schedule:
        """The schedule. Raises `ScheduleNotFound` and `RoleMissing`."""
        schedule = self.services.schedules.get(schedule_id)
        if not self._allows(schedule.persona_id, schedule.owner):
            raise ScheduleNotFound.of(schedule_id)
        return schedule

    def role(self, persona: Persona) -> Role | None:
        return self.services.grants.role(persona.persona_id, owner=persona.owner, principal=self.principal)

    def own_key(self, persona: Persona, key: str | None) -> str | None:
        """The caller's Idempotency-Key among those of the persona's owner, to which its posts belong."""
        return key if key is None or self.principal == persona.owner else f"{self.principal}#{key}"

    def personas(self) -> Iterator[Persona]:
        """Every persona on which the caller has the role: its own by name, then those with a grant by id."""
        cursor = None
        while True:
            page = self.page(100, cursor)
            yield from page.personas
            cursor = page.cursor
            if cursor is None:
                return

    def page(self, limit: int, cursor: str | None) -> AccessiblePersonas:
        """One page of `personas`. Raises `PersonaNotFound` for an invalid cursor."""
        last = None if cursor is None else self.services.personas.get(cursor)
        if last is not None and self.role(last) is None:
            raise PersonaNotFound.of(last.persona_id)
        behind = last.persona_id if last is not None and last.owner != self.principal else None
        listed: list[AccessiblePersona] = []
        if behind is None:
            own = self.services.personas.list(self.principal, limit, cursor)
            listed += (_accessible(persona, Role.OWNER) for persona in own.personas)
            if own.cursor is not None:
                return AccessiblePersonas(personas=tuple(listed), cursor=own.cursor)
        for persona in self._granted(behind or ""):
            if len(listed) == limit:
                return AccessiblePersonas(personas=tuple(listed), cursor=listed[-1].persona_id)
            listed.append(persona)
        return AccessiblePersonas(personas=tuple(listed))

    def _granted(self, behind: str) -> Iterator[AccessiblePersona]:
        for persona_id in self.services.grants.persona_ids(self.principal):
            if persona_id > behind:
                persona = self.services.personas.get(persona_id)
                role = self.role(persona)
                if role is not None and role.includes(self.needed):
                    yield _accessible(persona, role)

    def _allows(self, persona_id: str, owner: str) -> bool:
        role = self.services.grants.role(persona_id, owner=owner, principal=self.principal)
        if role is not None and not role.includes(self.needed):
            detail = f"This needs the role {self.needed} on persona {persona_id}, and you have {role}. Ask its owner."
            raise RoleMissing(detail, persona_id=persona_id, role=role, needed=self.needed)
        return role is not None


def _accessible(persona: Persona, role: Role) -> AccessiblePersona:
    return AccessiblePersona.model_validate({**persona.model_dump(), "role": role})


def _with_role(needed: Role) -> Callable[[Request, Services], Access]:
    def access(request: Request, services: Wired) -> Access:
        return Access(owner_of(request.resolved_event.raw_event), needed, services)

    return access


NEEDS: Final = {role: _with_role(role) for role in Role}
Viewer = Annotated[Access, Depends(NEEDS[Role.VIEWER])]
Author = Annotated[Access, Depends(NEEDS[Role.AUTHOR])]
Operator = Annotated[Access, Depends(NEEDS[Role.OPERATOR])]
OwnerOnly = Annotated[Access, Depends(NEEDS[Role.OWNER])]


def role_of_route(handler: Callable[..., Any]) -> Role | None:
    """The role that a route declares in its signature; `None` if it is about no persona."""
    hints = get_type_hints(handler, include_extras=True).values()
    declared = {extra.dependency for hint in hints for extra in get_args(hint)[1:] if isinstance(extra, Depends)}
    return next((role for role, dependency in NEEDS.items() if dependency in declared), None)
