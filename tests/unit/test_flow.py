"""The decorator of flows."""

from typing import Any

import pytest

from shutterpost.flows.flow import flow


@flow
class Greeter:
    greeting: str
    names: tuple[str, ...] = ()

    def greet(self) -> str:
        return f"{self.greeting}, {' and '.join(self.names)}"


def test_fields_are_keyword_arguments() -> None:
    assert Greeter(greeting="Hello", names=("Ann", "Bo")).greet() == "Hello, Ann and Bo"
    build: Any = Greeter
    with pytest.raises(TypeError, match="greeting"):
        build(names=())
    with pytest.raises(TypeError, match="positional"):
        build("Hello")


def test_a_flow_is_equal_to_itself_alone() -> None:
    greeter = Greeter(greeting="Hello")
    assert {greeter: 1}[greeter] == 1
    assert greeter != Greeter(greeting="Hello")


def test_type_checks_refuse_a_change_of_a_field() -> None:
    greeter = Greeter(greeting="Hello")
    # mypy reports an ignore that is not needed.
    greeter.greeting = "Bye"  # type: ignore[misc]
    assert greeter.greet() == "Bye, "
