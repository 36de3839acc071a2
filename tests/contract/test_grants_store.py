"""The store of grants."""

import pytest

from shutterpost.personas import GRANTED, Grant, GrantNotFound, Personas, Role, RoleGrants
from shutterpost.personas.store import PersonaItem
from tests.contract.conftest import CreateTable
from tests.support.builders import OWNER, a_persona

FRIEND = "123456789012/user/friend"


@pytest.fixture
def grants(new_table: CreateTable) -> RoleGrants:
    new_table(PersonaItem)
    return RoleGrants()


def test_a_role_is_given_replaced_and_taken_away(grants: RoleGrants) -> None:
    persona = Personas().create(a_persona())
    for role in (*GRANTED, Role.VIEWER):
        grants.grant(persona, FRIEND, role)
        assert grants.of(persona.persona_id) == (Grant(principal=FRIEND, role=role),)
        assert grants.role(persona.persona_id, owner=OWNER, principal=FRIEND) is role
    assert list(grants.persona_ids(FRIEND)) == [persona.persona_id]
    assert grants.role(persona.persona_id, owner=OWNER, principal=OWNER) is Role.OWNER
    assert grants.role(persona.persona_id, owner=OWNER, principal="123456789012/user/other") is None

    assert grants.revoke(persona, FRIEND) == Grant(principal=FRIEND, role=Role.VIEWER)
    assert grants.of(persona.persona_id) == ()
    assert list(grants.persona_ids(FRIEND)) == []
    with pytest.raises(GrantNotFound):
        grants.revoke(persona, FRIEND)


def test_grants_are_in_no_list_of_personas(grants: RoleGrants) -> None:
    personas = Personas()
    persona = personas.create(a_persona())
    grants.grant(persona, FRIEND, Role.OPERATOR)
    assert personas.list(OWNER).personas == (persona,)
    assert personas.list(FRIEND).personas == ()
    assert list(personas.active()) == [persona]


def test_a_role_includes_the_ones_before_it() -> None:
    assert [[role.includes(other) for other in Role] for role in Role] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
