// Draws the table beside it as a curve; without it the table and the small drawing remain.
(() => {
  "use strict";
  const place = document.getElementById("chart");
  const rows = [...document.querySelectorAll("#curve tbody tr")];
  const library = window.LightweightCharts;
  if (!place || !library || rows.length < 2) return;
  let last = 0;
  const points = rows.map((row) => {
    last = Math.max(Number(row.dataset.at), last + 1); // times must rise
    return { time: last, value: Number(row.dataset.pnl) };
  });
  let highest = 0;
  const falls = points.map((point) => {
    highest = Math.max(highest, point.value);
    return { time: point.time, value: point.value - highest };
  });
  place.querySelector("svg").remove();
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const faded = (hex, part) => hex + Math.round(part * 255).toString(16).padStart(2, "0");
  const chart = library.createChart(place, {
    autoSize: true,
    layout: { attributionLogo: false, background: { color: "transparent" }, fontFamily: getComputedStyle(document.body).fontFamily, panes: { enableResize: false } },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, timeVisible: true, rightOffset: 1 },
    handleScroll: { vertTouchDrag: false },
  });
  const area = chart.addSeries(library.AreaSeries, { lineWidth: 2, priceLineVisible: true, lastValueVisible: true });
  const fall = chart.addSeries(library.AreaSeries, { lineWidth: 1, priceLineVisible: false, lastValueVisible: false, invertFilledArea: true }, 1);
  area.setData(points);
  fall.setData(falls);
  const paint = () => {
    const line = color("--line"), accent = color("--accent"), down = color("--down");
    chart.applyOptions({ layout: { textColor: color("--soft"), panes: { separatorColor: line } }, grid: { vertLines: { color: line }, horzLines: { color: line } } });
    area.applyOptions({ lineColor: accent, topColor: faded(accent, 0.22), bottomColor: faded(accent, 0) });
    fall.applyOptions({ lineColor: down, topColor: faded(down, 0.03), bottomColor: faded(down, 0.22) });
  };
  paint();
  chart.panes()[1].setHeight(84);
  chart.timeScale().fitContent();
  document.addEventListener("theme", paint);
})();
