// What happens reaches the open page. Everything it shows comes from the server, filtered
// and escaped there; here it is only put in its place.
(() => {
  "use strict";
  const ROWS_MAX = 400;
  const HIDDEN_MS = 5000;
  const STALE_MS = 12000;
  const GATHER_MS = 100;
  const REFRESH_MS = 1000;
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* The stream: one for each visible tab, resumed from the last message it saw. */
  let source = null;
  let last = document.body.dataset.news || "";
  let seen = 0;
  let link = ["off", "not live"];
  let hiding = null;
  let gathering = null;
  const kinds = new Set();
  const alerts = new Set();

  const show = (state, word) => {
    link = [state, word];
    const place = $("#link");
    if (!place) return;
    place.dataset.link = state;
    $("span", place).textContent = word;
    place.title = word;
  };
  const open = () => {
    if (source) return;
    source = new EventSource("/events?last=" + encodeURIComponent(last));
    source.addEventListener("open", alive);
    source.addEventListener("ping", () => { alive(); happened(["ping"], []); });
    source.addEventListener("news", (message) => {
      alive();
      last = message.lastEventId || last;
      const told = JSON.parse(message.data);
      happened(told.kinds, told.alerts);
    });
    source.addEventListener("error", () => {
      show("waiting", "reconnecting");
      // A closed source was refused: signed out, or the server is another one now.
      if (source && source.readyState === EventSource.CLOSED) { close(); setTimeout(open, 3000); }
    });
  };
  const close = () => { if (source) source.close(); source = null; };
  const alive = () => { seen = Date.now(); document.body.classList.remove("stale"); show("live", "live"); };
  setInterval(() => {
    const age = Date.now() - seen;
    if (source && link[0] === "live" && age > STALE_MS) {
      show("waiting", "no data for " + Math.round(age / 1000) + " s");
      document.body.classList.add("stale");
    }
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(() => { close(); show("waiting", "paused"); }, HIDDEN_MS);
    else open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);

  /* Parts that show what happened fetch themselves; the log takes in only its new rows. */
  const happened = (newKinds, newAlerts) => {
    newKinds.forEach((kind) => kinds.add(kind));
    newAlerts.forEach((alert) => alerts.add(alert));
    if (!gathering) gathering = setTimeout(spread, GATHER_MS);
  };
  const spread = () => {
    gathering = null;
    for (const part of all("[data-live]")) {
      if (!part.dataset.live.split(" ").some((kind) => kinds.has(kind))) continue;
      if (part.dataset.alert && !alerts.has(Number(part.dataset.alert))) continue;
      if (part.contains(document.activeElement) && part.matches("form, .filters")) continue;
      refresh(part);
    }
    const log = $("[data-rows]");
    if (log && alerts.size) fetchRows(log, [...alerts].slice(-200));
    kinds.clear();
    alerts.clear();
  };
  const times = new Map();
  const refresh = (part) => {
    // At most once a second each; the last news is never left out.
    const name = part.id || part.getAttribute("hx-get");
    const [at, timer] = times.get(name) || [0, null];
    if (timer) return;
    const wait = Math.max(0, at + REFRESH_MS - Date.now());
    times.set(name, [at, setTimeout(() => {
      times.set(name, [Date.now(), null]);
      const now = part.isConnected ? part : document.getElementById(part.id);
      if (now) window.htmx.trigger(now, "live");
    }, wait)]);
  };
  const fetchRows = async (log, wanted) => {
    const join = log.dataset.rows.includes("?") ? "&" : "?";
    const answer = await fetch(log.dataset.rows + join + "alerts=" + wanted.join(","));
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = all("tr[data-row]", page).map((row) => document.importNode(row, true));
    for (const row of rows.reverse()) take(log, row);
    trim(log);
  };
  const held = [];
  const frozen = () => {
    const button = $("#freeze");
    const chosen = button && button.getAttribute("aria-pressed") === "true";
    return chosen || window.scrollY > 120 || String(getSelection()) !== "";
  };
  const take = (log, row) => {
    const old = document.getElementById(row.id);
    if (old) { old.replaceWith(row); return; }
    const waits = held.findIndex((one) => one.id === row.id);
    if (waits >= 0) { held[waits] = row; return; }
    if (frozen()) { held.push(row); announce(); return; }
    put(log, row);
  };
  const put = (log, row) => {
    const number = Number(row.dataset.row);
    const after = [...log.children].find((one) => Number(one.dataset.row) < number);
    row.classList.add("new");
    log.insertBefore(row, after || null);
  };
  const trim = (log) => { while (log.children.length > ROWS_MAX) log.lastElementChild.remove(); };
  const announce = () => {
    const button = $("#fresh");
    if (!button) return;
    button.hidden = held.length === 0;
    button.textContent = held.length + " new \u2191";
  };
  const release = () => {
    const log = $("[data-rows]");
    held.splice(0).forEach((row) => put(log, row));
    if (log) trim(log);
    announce();
  };

  /* Buttons. */
  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, a");
    if (!target) return;
    if (target.id === "theme") theme();
    if (target.id === "fresh") { window.scrollTo({ top: 0 }); release(); }
    if (target.id === "freeze") freeze(target);
    if (target.dataset.copy) copy(target, $(target.dataset.copy).textContent);
    if (target.dataset.copyFrom) copyFrom(target);
    if (target.hasAttribute("data-close")) { event.preventDefault(); $("#dialog").close(); }
  });
  const theme = () => {
    const light = matchMedia("(prefers-color-scheme: light)").matches;
    const now = document.documentElement.dataset.theme || (light ? "light" : "dark");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    document.dispatchEvent(new CustomEvent("theme"));
  };
  const freeze = (button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    $("span", button).textContent = on ? "Frozen" : "Freeze";
    if (!on) release();
  };
  const copyFrom = async (button) => {
    const answer = await fetch(button.dataset.copyFrom);
    if (answer.ok) copy(button, await answer.text());
    else toast((await answer.json()).detail);
  };
  const copy = async (button, text) => {
    await navigator.clipboard.writeText(text);
    const words = button.lastChild;
    const before = words.textContent;
    words.textContent = "Copied";
    setTimeout(() => { words.textContent = before; }, 1500);
  };
  const toast = (text) => {
    const line = document.createElement("p");
    line.textContent = text;
    $("#toast").append(line);
    setTimeout(() => line.remove(), 8000);
  };

  /* Keys: none while somebody writes. */
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.shiftKey && event.key === "K") { event.preventDefault(); $("#stop").click(); }
    const field = event.key === "/" ? $("[data-key='/']") : null;
    if (field) { event.preventDefault(); field.focus(); }
  });

  /* htmx: what it fetched may be a dialog, and the top bar keeps the state of the stream. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "dialog") {
      const dialog = $("#dialog");
      if (!dialog.open) dialog.showModal();
      const safe = $("[data-close]", dialog);
      if (safe) safe.focus();
    }
  });
  document.addEventListener("htmx:load", () => show(...link));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.hasAttribute("data-live")) return;
    let words = "The server answered " + event.detail.xhr.status + ".";
    try { words = JSON.parse(event.detail.xhr.responseText).detail || words; } catch { /* no JSON */ }
    toast(words);
  });

  if (!document.hidden) open();
})();
