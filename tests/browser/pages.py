"""The pages in a real browser: current, able to stop trading, open to everybody.

The file is no `test_` file: `make test` has no browser, `make test-browser` names it.
"""

import re
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LISTEN, Ear, Site
from tests.entrypoints.stack import alert

SERIAL = count(1)
PAGES = (
    *("/", "/live", "/alerts", "/alerts?tab=refused", "/orders", "/positions", "/trades"),
    *("/bots", "/bots/futures-both", "/scorecard", "/health", "/help/reasons"),
    *("/help/reasons/rsi.neutral", "/licenses", "/stop"),
    *("/revisions/bot/futures-both", "/revisions/account/futures"),
    *("/backtests", "/backtests/1", "/backtests/compare?id=1&id=2"),
)


def send(site: Site, **fields: object) -> int:
    """Send an alert of its own, however often the tests run."""
    id = site.send(**alert(id=f"browser {next(SERIAL)}", **fields))
    site.settled()
    return id


def test_a_row_appears_while_one_looks(site: Site, page: Page) -> None:
    send(site, rsi=50)
    page.goto(f"{site.address}/live")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")

    id = send(site, rsi=49)

    row = page.locator("#log tr").first
    expect(row).to_contain_text(f"#{id}")
    expect(row).to_contain_text("skipped")
    expect(row).to_contain_text("futures-both")


def test_a_filter_holds_back_what_it_does_not_ask_for(site: Site, page: Page) -> None:
    send(site, rsi=50)
    page.goto(f"{site.address}/live?bot=futures-both")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")

    other = send(site, rsi=48, ticker="BTCUSDT")
    own = send(site, rsi=47)

    expect(page.locator("#log tr").first).to_contain_text(f"#{own}")
    expect(page.locator("#log")).not_to_contain_text(f"#{other}")


def test_a_frozen_log_counts_what_is_new_and_takes_it_in_when_asked(
    site: Site, page: Page
) -> None:
    send(site, rsi=50)
    page.goto(f"{site.address}/live")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    page.get_by_role("button", name="Freeze").click()

    id = send(site, rsi=46)

    fresh = page.locator("#fresh")
    expect(fresh).to_have_text("1 new \u2191")
    expect(page.locator("#log")).not_to_contain_text(f"#{id}")
    fresh.click()
    expect(page.locator("#log tr").first).to_contain_text(f"#{id}")


def test_the_trace_of_a_skipped_alert_says_why_in_its_first_sentence(
    site: Site, page: Page
) -> None:
    id = send(site, rsi=51)

    page.goto(f"{site.address}/alerts/{id}")

    expect(page.locator(".verdict")).to_contain_text(
        "Skipped: bot futures-both did nothing. RSI 51 calls for nothing"
    )
    checked = page.locator(".steps li", has_text="Checked")
    expect(checked).to_contain_text("configuration: revision")
    expect(page.locator(".unreached").first).to_contain_text("not reached")


def test_what_came_in_an_alert_is_shown_and_not_run(site: Site, page: Page) -> None:
    mark = "<img src=x onerror=document.title='run'><script>document.title='run'</script>"
    id = send(site, rsi=50, note=mark, chart=mark, bot="futures-both")

    for path in (f"/alerts/{id}", "/alerts", "/live"):
        page.goto(site.address + path)
        expect(page).not_to_have_title("run")
    page.goto(f"{site.address}/alerts/{id}")
    expect(page.locator("#body")).to_contain_text("onerror=document.title")


def test_shift_k_shows_the_reach_and_stops_and_going_on_lists_what_was_missed(
    site: Site, page: Page
) -> None:
    page.goto(f"{site.address}/")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    page.keyboard.press("Shift+K")

    dialog = page.get_by_role("dialog", name="Stop trading")
    expect(dialog).to_contain_text("2 bots on 2 accounts")
    expect(dialog.get_by_text("Keep trading")).to_be_focused()
    dialog.get_by_label("Reason").fill("a test of the brake")
    dialog.get_by_role("button", name="Stop trading").click()

    expect(page.locator("#top .state")).to_contain_text("Halted")
    expect(page.locator("#states")).to_contain_text("a test of the brake")
    missed = send(site, rsi=20)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("heading", name="Trading goes on")).to_be_visible()
    expect(page.locator("tbody")).to_contain_text(f"#{missed}")
    expect(page.locator("#top .state")).to_contain_text("Trading")


def test_escape_and_keep_trading_change_nothing(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/live")
    page.locator("#stop").click()
    dialog = page.get_by_role("dialog", name="Stop trading")
    expect(dialog).to_be_visible()

    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(page.locator("#top .state")).to_contain_text("Trading")


def test_flatten_closes_what_is_open_and_says_so(site: Site, page: Page) -> None:
    send(site, rsi=20, price=60000)
    page.goto(f"{site.address}/positions")
    expect(page.locator("tbody")).to_contain_text("BTC/USDT:USDT")

    page.goto(f"{site.address}/stop?target=bot:futures-both")
    form = page.locator("main form.stopping")
    form.get_by_text("Flatten", exact=True).click()
    form.get_by_role("button", name="Stop trading").click()

    expect(page.locator("#flattenings")).to_contain_text("flat", timeout=15_000)
    page.goto(f"{site.address}/positions")
    expect(page.locator("#positions")).to_contain_text("Flat.")
    page.goto(f"{site.address}/stop")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#top .state")).to_contain_text("Trading")


def test_the_page_works_without_scripts(site: Site, browser: Browser) -> None:
    id = send(site, rsi=45)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{site.address}/live")
    page.get_by_role("link", name=f"#{id}").first.click()
    expect(page.locator(".verdict")).to_contain_text("Skipped")
    page.get_by_role("link", name="Stop trading").click()
    expect(page.locator("form.stopping")).to_contain_text("This reaches")
    context.close()


def test_results_that_were_kept_are_compared(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/backtests")
    for name in ("thirty and seventy", "twenty and eighty"):
        page.get_by_label(f"Compare {name}").check()

    page.get_by_role("button", name="Compare those chosen").click()

    expect(page.get_by_role("heading", name="Compared")).to_be_visible()
    pnl = page.get_by_role("row", name="Total P&L")
    expect(pnl.locator("strong")).to_have_count(1)
    page.get_by_role("link", name="1 thirty and seventy").click()
    expect(page.locator(".drawing svg").first).to_be_visible()


def test_the_theme_is_kept(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/live")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.locator("#theme").click()
    page.goto(f"{site.address}/alerts")

    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after


@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_shut_out(
    site: Site, browser: Browser, scheme: str, width: int, path: str
) -> None:
    """Axe finds nothing, nothing is wider than the screen, nothing is complained about."""
    size = {"width": width, "height": 844}
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_init_script(LISTEN)
    page, ear = context.new_page(), Ear()
    ear.listen(page)

    page.goto(site.address + path)
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    wide = page.evaluate("document.documentElement.scrollWidth")
    refused = page.evaluate("window.refused")
    found = Axe().run(page)

    context.close()
    assert wide <= width
    assert (ear.heard, refused) == ([], [])
    assert found.violations_count == 0, found.generate_report()


def test_a_trace_shuts_nobody_out(
    site: Site, browser: Browser, scheme: str, width: int
) -> None:
    id = send(site, rsi=44)
    size = {"width": width, "height": 844}
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()

    page.goto(f"{site.address}/alerts/{id}")
    found = Axe().run(page)
    wide = page.evaluate("document.documentElement.scrollWidth")

    context.close()
    assert wide <= width
    assert found.violations_count == 0, found.generate_report()


def test_a_page_asks_nobody_else_for_anything(site: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    for path in ("/", "/live", "/licenses"):
        page.goto(site.address + path)
        expect(page.locator("#link")).to_have_attribute("data-link", "live")

    assert [url for url in asked if not url.startswith((site.address, "data:"))] == []
    assert len([url for url in asked if re.search(r"\.(js|css|svg)", url)]) > 3
