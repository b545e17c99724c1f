"""The last steps of an alert's way: what people were told because of it."""

from collections.abc import Iterator

from application import wording
from application.ports.views import AlertTrace, NoticeTrace
from application.tracing.step import Step, StepState

_CHANNELS = {"telegram": "in Telegram", "log": "in the log"}


def telling_steps(trace: AlertTrace) -> Iterator[Step]:
    """Yield a step for every notice, told or not."""
    for notice in trace.notices:
        yield Step(
            state=_state(notice),
            title="Notified",
            sentence=f"{_how(notice)}: {notice.title}.",
            at=notice.told_at,
            details=(f"written: {wording.moment(notice.at)} UTC",),
        )


def _state(notice: NoticeTrace) -> StepState:
    if notice.told_at is None:
        return StepState.WARNING
    return StepState.STOPPED if notice.error else StepState.PASSED


def _how(notice: NoticeTrace) -> str:
    if notice.told_at is None:
        return "Waits to be told"
    where = _CHANNELS.get(notice.channel, f"by {notice.channel}")
    return f"Not taken {where} ({notice.error})" if notice.error else f"Told {where}"
