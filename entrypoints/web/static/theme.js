// Loaded before anything is drawn, so that the page does not flash in the other theme.
(() => {
  const wanted = localStorage.getItem("theme");
  if (wanted === "dark" || wanted === "light") document.documentElement.dataset.theme = wanted;
})();
