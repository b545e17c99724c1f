"""What may carry rings through Redis, each loaded only where it was chosen.

Celery takes 32 MB and a second of start-up, Dramatiq 23 MB and less than half a second
(redis-py is most of it): nobody pays for what is not used.
"""

from adapters.queue.redis_queue import Carrier


def dramatiq_carrier(url: str) -> Carrier:
    """Return Dramatiq for a URL that begins with redis://, rediss:// or unix://."""
    from adapters.queue.dramatiq_runtime import (  # noqa: PLC0415 - see above
        DramatiqCarrier,
    )

    return DramatiqCarrier(url)


def celery_carrier(url: str) -> Carrier:
    """Return Celery for a URL that begins with redis://, rediss:// or unix://."""
    from adapters.queue.celery_runtime import CeleryCarrier  # noqa: PLC0415 - see above

    return CeleryCarrier(url)
