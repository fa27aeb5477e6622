// What stands behind or across the lines of a chart: corrected stretches, incidents, and changes
// of the definition and of the service. All are told in words beside the chart, by its legend and the page's tables.
const latest = new WeakMap(); // figure → data, since pictures outlive their data

export function remember(figure, data) {
  latest.set(figure, data);
}

// overlay adds the drawing to a plan's options.
export function overlay(options, figure, { colour, alpha, sans }) {
  options.hooks.drawClear = [...(options.hooks.drawClear ?? []), (plot) => shade(plot, latest.get(figure)?.corrections ?? [], { colour, alpha })];
  options.hooks.draw.push((plot) => incidents(plot, latest.get(figure)?.incidents ?? [], { colour }));
  options.hooks.draw.push((plot) => lines(plot, latest.get(figure)?.versions ?? [], { colour, sans }));
  options.hooks.draw.push((plot) => changes(plot, latest.get(figure)?.changes ?? [], { colour, sans }));
}

// notes are the legend's words for what is drawn.
export function notes(data) {
  const all = [];
  const kinds = new Set((data.corrections ?? []).map((c) => c.kind));
  for (const kind of kinds) all.push({ shape: "area", text: `${kind}: does not count` });
  for (const severity of ["page", "ticket"]) {
    const n = (data.incidents ?? []).filter((i) => i.severity === severity).length;
    if (n > 0) all.push({ shape: severity, text: n === 1 ? `1 ${severity}` : `${n} ${severity}s` });
  }
  const versions = data.versions ?? [];
  if (versions.some((v) => !v.lowered)) all.push({ shape: "line", text: "definition changed" });
  if (versions.some((v) => v.lowered)) all.push({ shape: "lowered", text: "promise lowered" });
  const told = (data.changes ?? []).length;
  if (told > 0) all.push({ shape: "change", text: told === 1 ? "1 change" : `${told} changes` });
  return all;
}

// changes marks what was deployed, switched or configured: a triangle on the time axis, a thin
// line, and its title where there is room for it.
function changes(plot, all, { colour, sans }) {
  const { ctx, bbox, scales } = plot, ratio = devicePixelRatio;
  const bottom = bbox.top + bbox.height, size = 5 * ratio;
  let free = Infinity; // the newest comes first
  ctx.save();
  ctx.font = `${11 * ratio}px ${sans}`;
  ctx.textBaseline = "bottom";
  ctx.textAlign = "left";
  ctx.strokeStyle = ctx.fillStyle = colour("accent");
  ctx.lineWidth = ratio;
  for (const c of all) {
    if (c.t < scales.x.min || c.t > scales.x.max) continue;
    const x = Math.round(plot.valToPos(c.t, "x", true));
    ctx.globalAlpha = 0.45;
    ctx.setLineDash([ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.moveTo(x, bottom - 1.6 * size);
    ctx.lineTo(x + size, bottom);
    ctx.lineTo(x - size, bottom);
    ctx.fill();
    const text = c.title.length > 28 ? `${c.title.slice(0, 27)}…` : c.title;
    const wide = ctx.measureText(text).width + 2 * size;
    const from = x + wide > bbox.left + bbox.width ? x - wide : x + 1.5 * size;
    if (from >= bbox.left && from + wide <= free) {
      ctx.fillText(text, from, bottom - size);
      free = Math.min(from, x);
    }
  }
  ctx.restore();
}

// incidents are bars along the top, from the first bad events to the closing: a page's is
// filled, a ticket's an outline.
function incidents(plot, all, { colour }) {
  const { ctx, bbox, scales } = plot, ratio = devicePixelRatio, high = 5 * ratio;
  ctx.save();
  ctx.lineWidth = ratio;
  for (const i of all) {
    if (i.to < scales.x.min || i.t > scales.x.max) continue;
    const x0 = plot.valToPos(Math.max(i.t, scales.x.min), "x", true), x1 = plot.valToPos(Math.min(i.to, scales.x.max), "x", true);
    const wide = Math.max(x1 - x0, 3 * ratio), page = i.severity === "page";
    ctx.fillStyle = ctx.strokeStyle = colour(page ? "burning" : "warn");
    if (page) ctx.fillRect(x0, bbox.top, wide, high);
    else ctx.strokeRect(x0 + ratio / 2, bbox.top + high + 2.5 * ratio, wide, high - ratio);
  }
  ctx.restore();
}

function shade(plot, corrections, { colour, alpha }) {
  const { ctx, bbox, scales } = plot, ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const c of corrections) {
    const ink = colour(c.kind === "maintenance" ? "accent" : "w6");
    for (const { from, to } of c.intervals) {
      const a = Date.parse(from) / 1000, b = Date.parse(to) / 1000;
      if (b < scales.x.min || a > scales.x.max) continue;
      const x0 = plot.valToPos(Math.max(a, scales.x.min), "x", true), x1 = plot.valToPos(Math.min(b, scales.x.max), "x", true);
      const wide = Math.max(x1 - x0, 2 * ratio);
      ctx.fillStyle = alpha(ink, 0.1);
      ctx.fillRect(x0, bbox.top, wide, bbox.height);
      hatch(ctx, x0, bbox.top, wide, bbox.height, alpha(ink, 0.35), ratio);
    }
  }
  ctx.restore();
}

// hatch tells the stretch from a fill without its colour.
function hatch(ctx, x, y, wide, high, stroke, ratio) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, wide, high);
  ctx.clip();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  for (let at = x - high; at < x + wide; at += 8 * ratio) {
    ctx.moveTo(at, y + high);
    ctx.lineTo(at + high, y);
  }
  ctx.stroke();
  ctx.restore();
}

function lines(plot, versions, { colour, sans }) {
  const { ctx, bbox, scales } = plot, ratio = devicePixelRatio;
  for (const v of versions) {
    if (v.t < scales.x.min || v.t > scales.x.max) continue;
    const x = Math.round(plot.valToPos(v.t, "x", true));
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour(v.lowered ? "warn" : "ink2");
    ctx.lineWidth = (v.lowered ? 2 : 1) * ratio;
    ctx.setLineDash(v.lowered ? [] : [2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = `${11 * ratio}px ${sans}`;
    ctx.textBaseline = "top";
    const right = x > bbox.left + bbox.width * 0.85;
    ctx.textAlign = right ? "right" : "left";
    ctx.fillText(v.lowered ? `v${v.number} lowered` : `v${v.number}`, x + (right ? -4 : 4) * ratio, bbox.top + 16 * ratio); // below the words of an incident's start
    ctx.restore();
  }
}
