"""Values never change: what ``after`` returns is the next one."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import domain
from domain.rsi import WilderRsi


def classes() -> Iterator[type]:
    """Yield every dataclass of the domain that is a value."""
    for module in pkgutil.iter_modules(domain.__path__, "domain."):
        for found in vars(importlib.import_module(module.name)).values():
            if isinstance(found, type) and found.__module__ == module.name:
                yield found


VALUES = [
    one for one in classes() if dataclasses.is_dataclass(one) and one is not WilderRsi
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_cannot_be_changed_nor_given_a_new_field(value: type) -> None:
    assert vars(value)["__dataclass_params__"].frozen
    assert "__slots__" in vars(value)
