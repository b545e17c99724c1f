"""Which of several processes does what only one should do."""

from typing import Protocol


class Leadership(Protocol):
    """At most one process of the installation leads at a time."""

    async def lead(self) -> bool:
        """Say whether this process leads now, taking the lead where nobody has it.

        A process that loses its connection, or does not ask for ``LEASE``, loses the lead.
        """
        ...

    async def step_down(self) -> None:
        """Give the lead to whoever asks next; nothing when this process does not lead."""
        ...
