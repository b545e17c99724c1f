"""The steps that an alert takes as a whole: received, authenticated, parsed, routed."""

from collections.abc import Iterator

from application import wording
from application.ports.views import AlertRow, AlertTrace
from application.routing import chart_keys
from application.tracing.outcome import routing_finding
from application.tracing.step import Step, StepState
from domain.reason_catalogue import entry, sentence
from domain.reason_words import plain
from domain.reasons import Reason
from domain.signal import Signal

_SHOWN_KEY = 80


def arrival_steps(trace: AlertTrace) -> Iterator[Step]:
    """Yield the steps up to the bots; none after the one that stopped the alert."""
    alert = trace.alert
    yield _received(alert)
    yield _authenticated(alert)
    yield _parsed(alert)
    if alert.signal is None and alert.reason is not Reason.ALERT_ID_REUSED:
        return
    yield _deduplicated(alert)
    if alert.reason is not Reason.ALERT_ID_REUSED:
        yield _routed(trace)


def described(signal: Signal) -> tuple[str, ...]:
    """Return every field of a signal as a line; those nobody reads come last."""
    fields: list[tuple[str, object]] = [
        ("signal", signal.action),
        ("closes", signal.closes),
        ("RSI", signal.rsi),
        ("RSI length", signal.rsi_length),
        ("price", None if signal.price is None else wording.price(signal.price)),
        ("high", None if signal.high is None else wording.price(signal.high)),
        ("low", None if signal.low is None else wording.price(signal.low)),
        ("exchange", signal.exchange),
        ("ticker", signal.ticker),
        ("timeframe", None if signal.timeframe is None else str(signal.timeframe)),
        ("chart", signal.chart),
        ("bot", signal.bot),
        ("bar opened", signal.bar_time),
        (
            "sent",
            None if signal.sent_at is None else f"{wording.moment(signal.sent_at)} UTC",
        ),
    ]
    known = [f"{name}: {plain(value)}" for name, value in fields if value is not None]
    extra = [f"not read, kept: {name} = {value}" for name, value in signal.extra.items()]
    return (*known, *extra)


def understood(signal: Signal) -> str:
    """Return what an alert says, in one line: ``LONG, RSI 27.4, price 43,250.10 on …``."""
    parts = [signal.action.value] if signal.action else []
    if signal.closes is not None:
        parts.append(f"closes {signal.closes.value}")
    if signal.rsi is not None:
        parts.append(f"RSI {plain(signal.rsi)}")
    if signal.price is not None:
        parts.append(f"price {wording.price(signal.price)}")
    where = chart_name(signal)
    said = ", ".join(parts) or "a message without signal, RSI and price"
    return f"{said} on {where}" if where else said


def chart_name(signal: Signal) -> str:
    """Return the chart as people write it; empty when the alert names none."""
    if signal.chart is not None:
        return f"the chart {signal.chart}"
    parts = [part for part in (signal.exchange, signal.ticker) if part]
    timeframe = f" {signal.timeframe}" if signal.timeframe else ""
    return ":".join(parts) + timeframe if parts else timeframe.strip()


def _received(alert: AlertRow) -> Step:
    source = f" from {alert.source}" if alert.source else ""
    late = ""
    if alert.signal is not None and alert.signal.sent_at is not None:
        delay = alert.received_at - alert.signal.sent_at
        late = (
            f", {wording.duration(delay)} after TradingView sent it"
            if delay.total_seconds() >= 0
            else f"; TradingView's clock is {wording.duration(-delay)} ahead of ours"
        )
    size = wording.plural(alert.size, "byte")
    return Step(
        state=StepState.PASSED,
        title="Received",
        sentence=f"{size} on feed {alert.feed}{source}{late}.",
        at=alert.received_at,
        details=(
            f"content type: {alert.content_type or 'none'}",
            f"stored: {wording.moment(alert.stored_at)} UTC, before it was answered",
        ),
    )


def _authenticated(alert: AlertRow) -> Step:
    return Step(
        state=StepState.PASSED,
        title="Authenticated",
        sentence=f"It carried the token of feed {alert.feed}.",
    )


def _parsed(alert: AlertRow) -> Step:
    if alert.signal is None:
        reused = alert.reason is Reason.ALERT_ID_REUSED
        reason = alert.reason or Reason.BODY_NOT_JSON
        return Step(
            state=StepState.NOT_NEEDED if reused else StepState.STOPPED,
            title="Parsed",
            sentence="Not looked at further." if reused else _refused(alert),
            details=() if reused else (f"what to do: {entry(reason).fix}",),
        )
    extra = len(alert.signal.extra)
    unread = (
        f" {wording.plural(extra, 'further field')} kept but not read." if extra else ""
    )
    hints = (alert.detail,) if alert.detail else ()
    return Step(
        state=StepState.WARNING if hints else StepState.PASSED,
        title="Parsed",
        sentence=f"Understood as {understood(alert.signal)}.{unread}",
        details=(*hints, *described(alert.signal)),
    )


def _refused(alert: AlertRow) -> str:
    return alert.detail or sentence(routing_finding(alert))


def _deduplicated(alert: AlertRow) -> Step:
    state, text, details = StepState.PASSED, "It had not arrived before.", []
    if alert.key:
        details.append(f"key: {alert.key[:_SHOWN_KEY]}")
    if alert.reason is Reason.ALERT_ID_REUSED:
        state, text = StepState.STOPPED, _refused(alert)
        details.append(f"what to do: {entry(Reason.ALERT_ID_REUSED).fix}")
    elif alert.duplicates:
        text = f"It arrived {alert.duplicates + 1:,} times and acted once."
    elif not alert.key:
        state, text = StepState.NOT_NEEDED, "It has no key to compare."
    if alert.last_duplicate_at is not None:
        details.append(f"last time: {wording.moment(alert.last_duplicate_at)} UTC")
    return Step(
        state=state,
        title="De-duplicated",
        sentence=text,
        at=alert.stored_at,
        details=tuple(details),
    )


def _routed(trace: AlertTrace) -> Step:
    alert = trace.alert
    if alert.reason is None:
        return Step(
            state=StepState.NOT_NEEDED,
            title="Routed",
            sentence="It waits for its bots to be found.",
        )
    if alert.reason is not Reason.ROUTED:
        return Step(
            state=StepState.STOPPED,
            title="Routed",
            sentence=sentence(routing_finding(alert)),
            at=alert.fanned_out_at,
            details=(f"what to do: {entry(alert.reason).fix}",),
        )
    names = [job.bot for job in trace.jobs]
    word = "bot" if len(names) == 1 else "bots"
    charts = " or ".join(chart_keys(alert.signal)) if alert.signal else ""
    return Step(
        state=StepState.PASSED,
        title="Routed",
        sentence=f"To {word} {wording.listed(names)}, by the configuration then in force.",
        at=alert.fanned_out_at,
        details=(f"looked up: {charts}",) if charts else (),
    )
