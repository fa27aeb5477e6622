// The small lines of the system page: how each figure moved since it was opened.
const keep = 120;
const past = new Map();

export function followTrends() {
  if (location.pathname !== "/system") return;
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/api/v1/health");
      if (answer.ok) draw(await answer.json());
    } catch { /* the stale banner tells */ }
  };
  look();
  setInterval(look, 5000);
}

function value(health, key) {
  if (key === "refused") return (health.refused ?? []).reduce((sum, r) => sum + r.count, 0);
  return health[key] ?? health[`${key}_seconds`] ?? 0;
}

function draw(health) {
  for (const svg of document.querySelectorAll("[data-trend]")) {
    const key = svg.dataset.trend;
    const line = [...(past.get(key) ?? []), value(health, key)].slice(-keep);
    past.set(key, line);
    if (line.length < 2) continue;
    const top = Math.max(...line, 1e-9);
    const points = line.map((v, i) => `${((i / (line.length - 1)) * 100).toFixed(2)},${(22 - (v / top) * 20).toFixed(2)}`);
    svg.firstElementChild.setAttribute("points", points.join(" "));
  }
}
