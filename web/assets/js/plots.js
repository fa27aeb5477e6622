// Turns the API's columns into what uPlot draws, one plan per kind of chart.
import { notes, overlay, remember } from "./overlays.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Canvas does not know light-dark(); a probe element resolves it.
function colour(name) {
  const probe = document.createElement("i");
  probe.className = `probe-${name}`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const alpha = (rgb, a) => rgb.replace(/^rgb\(([^)]*)\)$/, `rgba($1, ${a})`);

function trim(x, digits) {
  return String(Number(x.toFixed(digits)));
}

export const percent = (x) => {
  const v = x * 100, a = Math.abs(v);
  return `${trim(v, a >= 10 || a === 0 ? 1 : a >= 1 ? 2 : 2 - Math.floor(Math.log10(a)))} %`;
};
export const times = (x) => `${trim(x, x >= 100 ? 0 : x >= 1 ? 1 : 2)}×`;
export const perSecond = (x) => `${trim(x, x >= 100 ? 0 : x >= 1 ? 1 : 3)} /s`;

const dates = [
  [31536000, "{YYYY}", null, null, null, null, null, null, 1],
  [2419200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [3600, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
];

// All charts of a page share their left and right edges, so that one moment
// stands below the other; aside is the room that the right axis takes.
function base(figure, sync, aside = 66) {
  const ink = colour("ink2"), line = colour("line");
  const axis = { stroke: ink, font: `12px ${css("--sans")}`, grid: { stroke: line, width: 1 }, ticks: { show: false }, gap: 6 };
  return {
    axis,
    options: {
      legend: { show: false },
      cursor: { sync: sync ? { key: sync } : undefined, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
      padding: [10, aside, 0, 0],
      hooks: { setSelect: [zoom], draw: [] },
    },
    x: { ...axis, values: dates, space: 70, size: 40, grid: { show: false } },
  };
}

// zoom puts the dragged stretch into the URL, so that it can be shared.
function zoom(plot) {
  const { left, width } = plot.select;
  if (width < 8 || !location.pathname.startsWith("/slo/")) return;
  const query = new URLSearchParams(location.search);
  query.delete("range");
  query.set("from", Math.floor(plot.posToVal(left, "x")));
  query.set("to", Math.ceil(plot.posToVal(left + width, "x")));
  location.assign(`${location.pathname}?${query}`);
}

// rule draws a labelled horizontal line.
function rule(plot, value, stroke, dash, text) {
  const y = Math.round(plot.valToPos(value, "y", true));
  const { ctx, bbox } = plot, ratio = devicePixelRatio;
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = ratio;
  ctx.setLineDash(dash.map((d) => d * ratio));
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  if (text) {
    ctx.setLineDash([]);
    ctx.font = `${11 * ratio}px ${css("--sans")}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    const pad = 4 * ratio, wide = ctx.measureText(text).width;
    ctx.fillStyle = colour("bg");
    ctx.fillRect(bbox.left + pad, y - 15 * ratio, wide + 2 * pad, 14 * ratio);
    ctx.fillStyle = stroke;
    ctx.fillText(text, bbox.left + 2 * pad, y - 2 * ratio);
  }
  ctx.restore();
}

function budget(data, figure) {
  const { options, axis, x } = base(figure);
  const accent = colour("accent"), ink = colour("ink2"), bad = colour("burning");
  options.series = [{}, { stroke: accent, width: 2, fill: alpha(accent, 0.09), fillTo: 0, points: { show: false } }, { stroke: ink, width: 1, dash: [5, 5], points: { show: false } }];
  options.scales = { x: { time: true }, y: { range: (_, lo) => [Math.min(0, lo ?? 0) * 1.08, 1.02] } };
  options.axes = [x, { ...axis, size: 58, values: (_, v) => v.map(percent) }];
  options.hooks.draw.push((plot) => plot.scales.y.min < 0 && rule(plot, 0, bad, [], "spent"));
  return { options, columns: [data.t, data.remaining, data.ideal], main: [data.remaining], names: [{ name: "budget left", colour: accent, format: percent }, { name: "even pace", colour: ink, dash: [4, 3], format: percent }] };
}

function burn(data, figure) {
  const { options, axis, x } = base(figure, "detail");
  const page = colour("burning"), ticket = colour("warn");
  const first = data.thresholds[0];
  const usual = new Set([first?.long, first?.short, data.thresholds[1]?.long]);
  const names = data.windows.map((w, i) => ({ name: w, colour: colour(`w${i % 7}`), dash: i >= 7 ? [2, 2] : undefined, format: times }));
  options.series = [{}, ...names.map((n, i) => ({ stroke: n.colour, width: data.windows[i] === first?.long ? 2.25 : 1.4, dash: n.dash, show: usual.size < 2 || usual.has(data.windows[i]), points: { show: false } }))];
  options.scales = { x: { time: true }, y: { distr: 4, asinh: 1, range: (_, __, hi) => [0, Math.max(hi ?? 0, ...data.thresholds.map((t) => t.factor), 1) * 1.35] } };
  options.axes = [x, { ...axis, size: 58, filter: (_, v) => v, splits: (plot) => [0, 1, 3, 10, 30, 100, 300, 1000, 3000].filter((v) => v <= plot.scales.y.max), values: (_, v) => v.map(times) }];
  options.hooks.draw.push((plot) => {
    const seen = new Set();
    for (const t of data.thresholds) {
      const key = `${t.severity} ${t.factor}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const text = plot.width < 480 ? `${t.severity} ${times(t.factor)}` : `${t.severity} above ${times(t.factor)} over ${t.long} and ${t.short}`;
      rule(plot, t.factor, t.severity === "page" ? page : ticket, t.severity === "page" ? [6, 3] : [2, 3], text);
    }
  });
  return { options, columns: [data.t, ...data.burns], main: data.burns, names };
}

function errors(data, figure) {
  const { options, axis, x } = base(figure, "detail", 8);
  const bad = colour("burning"), ink = colour("ink2");
  options.series = [{}, { stroke: bad, width: 2, fill: alpha(bad, 0.12), points: { show: false } }, { scale: "rate", stroke: alpha(ink, 0.75), width: 1.2, points: { show: false } }];
  options.scales = { x: { time: true }, y: { range: (_, __, hi) => [0, Math.min(Math.max((hi ?? 0) * 1.15, 0.001), 1.02)] }, rate: { range: (_, __, hi) => [0, Math.max((hi ?? 0) * 1.25, 0.1)] } };
  options.axes = [x, { ...axis, size: 58, values: (_, v) => v.map(percent) }, { ...axis, scale: "rate", side: 1, size: 58, grid: { show: false }, values: (_, v) => v.map(perSecond) }];
  options.hooks.draw.push((plot) => marks(plot, figure));
  return { options, columns: [data.t, data.error_ratio, data.rate], main: [data.error_ratio], names: [{ name: "error ratio (left)", colour: bad, format: percent }, { name: "events (right)", colour: ink, format: perSecond }] };
}

// marks draws the start and the end of an incident, below the bars of incidents. Their names stand outside of
// it; where an edge puts both on one side and they are near to each other, the second stands below the first.
function marks(plot, figure) {
  let before = -Infinity, side;
  for (const [key, text] of [["markFrom", "started"], ["markTo", "closed"]]) {
    const at = Number(figure.dataset[key]);
    if (!at || at < plot.scales.x.min || at > plot.scales.x.max) continue;
    const { ctx, bbox } = plot, ratio = devicePixelRatio, xx = Math.round(plot.valToPos(at, "x", true));
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour("ink");
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(xx, bbox.top);
    ctx.lineTo(xx, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = `${11 * ratio}px ${css("--sans")}`;
    ctx.textBaseline = "top";
    const left = key === "markFrom" ? xx - bbox.left > 60 * ratio : xx > bbox.left + bbox.width * 0.85;
    ctx.textAlign = left ? "right" : "left";
    const row = side === left && xx - before < 100 * ratio ? 1 : 0;
    ctx.fillText(text, xx + (ctx.textAlign === "left" ? 4 : -4) * ratio, bbox.top + (9 + row * 13) * ratio);
    [before, side] = [xx, left];
    ctx.restore();
  }
}

const kinds = { budget, burn, errors };

export function plan(kind, data, figure) {
  remember(figure, data);
  const p = kinds[kind](data, figure);
  overlay(p.options, figure, { colour, alpha, sans: css("--sans") });
  p.notes = notes(data);
  p.key = JSON.stringify([kind, data.windows, data.thresholds, p.notes, document.documentElement.dataset.theme]);
  return p;
}
