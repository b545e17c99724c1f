from decimal import Decimal

import pytest

from domain.rules import Scaling


@pytest.mark.parametrize(("number", "factor"), [(1, 1), (2, 2), (3, 4), (4, 4), (9, 4)])
def test_the_last_factor_of_a_size_curve_repeats(number: int, factor: int) -> None:
    scaling = Scaling(size_curve=(Decimal(1), Decimal(2), Decimal(4)))

    assert scaling.factor(number) == factor
