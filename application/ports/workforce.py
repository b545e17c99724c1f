"""Several processes that work through a list."""

from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Workforce(Protocol):
    """Calls one function for many things, on as many cores as there are."""

    def __call__(
        self, work: Callable[[T], R], things: Sequence[T]
    ) -> Generator[R, None, None]:
        """Yield results as they are done, in no order.

        Closing the generator ends the work; what was yielded is done. ``work`` and the
        things must be picklable.
        """
        ...
