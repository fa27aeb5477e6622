// Fetches the data of every chart on the page and keeps it up to date in place.
import { plan } from "./plots.js";
import { legend } from "./legend.js";
import { when } from "./times.js";

const drawn = new Map(); // figure → {src, at, step, plot, kind, data}

export function drawCharts() {
  for (const figure of drawn.keys()) if (!figure.isConnected) forget(figure);
  const bySource = new Map();
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    if (!due(figure)) continue;
    const src = figure.dataset.src;
    bySource.set(src, [...(bySource.get(src) ?? []), figure]);
  }
  for (const [src, figures] of bySource) load(src, figures);
}

function due(figure) {
  const state = drawn.get(figure);
  if (!state || state.src !== figure.dataset.src) return true;
  if (!figure.hasAttribute("data-follow")) return false;
  const wait = Math.min(Math.max((state.data?.step_seconds ?? 0) * 250, 1500), 30_000);
  return Date.now() - state.at > wait;
}

function forget(figure) {
  drawn.get(figure)?.plot?.destroy();
  drawn.delete(figure);
}

async function load(src, figures) {
  for (const f of figures) drawn.set(f, { ...drawn.get(f), src, at: Date.now() });
  const width = figures[0].clientWidth || 800;
  const points = Math.min(Math.max(Math.round(width / 3), 60), 600);
  try {
    const answer = await fetch(`${src}${src.includes("?") ? "&" : "?"}points=${points}`);
    const data = await answer.json();
    if (!answer.ok) throw new Error(data.error ?? answer.statusText);
    for (const f of figures) show(f, data);
  } catch (err) {
    for (const f of figures) fail(f, err);
  }
}

function fail(figure, err) {
  if (drawn.get(figure)?.plot) return; // the last picture stays; the stale banner tells
  const p = document.createElement("p");
  p.className = "wait";
  p.textContent = `This chart can't be drawn: ${err.message}`;
  figure.querySelector(".plot").replaceChildren(p);
}

// blank says what an empty chart would only hint at.
function blank(figure, text) {
  const state = drawn.get(figure);
  state.plot?.destroy();
  delete state.plot;
  const p = document.createElement("p");
  p.className = "wait";
  p.textContent = text;
  figure.querySelector(".plot").replaceChildren(p);
  figure.querySelector("figcaption").textContent = "";
  figure.querySelector(".legend")?.remove();
  figure.dataset.drawn = "nothing";
}

function show(figure, data) {
  const state = drawn.get(figure);
  const kind = figure.dataset.chart;
  const text = data.summary[kind].replace(/\d{4}-\d\d-\d\dT\d\d:\d\dZ/g, (t) => when(new Date(t)));
  figure.querySelector("figcaption").textContent = text;
  const fresh = plan(kind, data, figure);
  if (fresh.main.every((c) => c.every((v) => v == null))) {
    blank(figure, text);
    return;
  }
  if (state.plot && state.key === fresh.key) {
    state.data = data;
    state.plot.setData(fresh.columns);
    return;
  }
  build(figure, kind, data, fresh);
}

function build(figure, kind, data, fresh, widest = Infinity) {
  const state = drawn.get(figure);
  state.plot?.destroy();
  figure.dataset.drawn = "yes";
  const box = figure.querySelector(".plot");
  box.replaceChildren();
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
  const size = { width: Math.min(box.clientWidth, widest), height: box.clientHeight };
  state.plot = new window.uPlot({ ...fresh.options, ...size }, fresh.columns, box);
  state.key = fresh.key;
  state.kind = kind;
  state.data = data;
  legend(figure, state.plot, fresh.names, fresh.notes);
}

const resized = new ResizeObserver(() => {
  for (const [figure, { plot }] of drawn) {
    const box = figure.querySelector(".plot");
    if (plot && box.clientWidth && box.clientWidth !== plot.width) plot.setSize({ width: box.clientWidth, height: box.clientHeight });
  }
});
resized.observe(document.documentElement);

function redraw(widest) {
  for (const [figure, { kind, data, plot }] of drawn) if (plot) build(figure, kind, data, plan(kind, data, figure), widest);
}

window.addEventListener("burnline:theme", () => redraw());

// Pictures of a canvas do not change with the page's width and colours, so they are drawn anew for
// paper: white, and as wide as A4 without its margins, 182 mm.
const paper = 680;
let theme;
window.addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  redraw(paper);
});
window.addEventListener("afterprint", () => {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  redraw();
});
