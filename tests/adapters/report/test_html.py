import re
from html.parser import HTMLParser

from adapters.report.html import HtmlReport
from application.results.metrics import METRICS
from application.results.summary import summarize
from application.runs import Run
from tests.application.results.sample_runs import data, run

VOID = {"meta", "input"}


def page(sample: Run) -> str:
    return HtmlReport("0.1.0")(sample, summarize(sample))


class Outline(HTMLParser):
    """Collects tags, attributes and what was left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(text: str) -> Outline:
    found = Outline()
    found.feed(text)
    return found


def test_the_page_stands_alone() -> None:
    found = outline(page(run()))

    assert found.addresses == []
    assert "script" not in found.tags
    assert "link" not in found.tags
    assert "@import" not in page(run())
    assert "url(" not in page(run())


def test_every_tag_that_is_opened_is_closed() -> None:
    assert outline(page(run())).open == []


def test_every_figure_stands_on_the_page_with_its_explanation() -> None:
    text = page(run()).replace("&amp;", "&").replace("&#39;", "'")

    missing = [one.key for one in METRICS if one.title not in text]
    assert missing == []
    assert text.count('class="explained"') >= len(METRICS) - 5


def test_names_cannot_write_html() -> None:
    evil = run(3, bot="<script>alert(1)</script>", data=data(source='"><img src=x>'))

    assert "<script" not in page(evil)
    assert "<img" not in page(evil)


def test_a_run_without_trades_is_a_page_as_well() -> None:
    text = page(run(0, curve=(), decisions={}))

    assert "Nothing was traded" in text
    assert outline(text).open == []


def test_a_run_of_one_trade_is_drawn() -> None:
    assert outline(page(run(1))).tags.count("svg") >= 6


def test_ruin_has_no_logarithmic_scale() -> None:
    sample = run(3)
    ruined = tuple(p._replace(equity=p.equity - 10_000) for p in sample.curve)

    assert 'id="logarithmic"' not in page(run(3, curve=ruined))
    assert 'id="logarithmic"' in page(sample)


def test_long_lists_are_cut_and_long_curves_are_thinned() -> None:
    text = page(run(2_500))

    assert "The last 2000 of 2500." in text
    longest = max(len(d) for d in re.findall(r' d="([^"]*)"', text))
    assert longest < 60_000
