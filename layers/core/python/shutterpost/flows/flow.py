"""The decorator of flows: classes with a clock, stores and other flows, built once per process."""

import dataclasses
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
def flow(cls: type[_T]) -> type[_T]:
    """Take the annotated fields as keyword arguments; mypy refuses changes of them.

    A frozen dataclass with `==` takes three times as long to create, at each cold start (docs/decisions/0007).
    """
    return dataclasses.dataclass(kw_only=True, eq=False, repr=False, match_args=False)(cls)
