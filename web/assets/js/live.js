// One stream tells that something changed; htmx then fetches the page's part
// anew and the steady swap changes what differs. Silence is shown as such.
import { clockText } from "./times.js";

const silence = 35_000; // two heartbeats and some
const often = 5_000; // pages on messages and the process change without the engine

const $ = (id) => document.getElementById(id);
let source, version, seen = Date.now(), at = new Date(), dirty = false, lost = false;

export function follow() {
  connect();
  setInterval(check, 1000);
  setInterval(() => /^\/($|system|incidents|silences|changes|shadow)/.test(location.pathname) && !lost && refresh(), often);
  document.addEventListener("visibilitychange", () => !document.hidden && dirty && refresh());
}

function connect() {
  source = new EventSource("/api/v1/events");
  source.addEventListener("state", (e) => heard(JSON.parse(e.data)));
  source.addEventListener("error", () => {
    lost = true;
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
  });
}

function heard(state) {
  const first = version === undefined;
  version = state.version;
  seen = Date.now();
  at = new Date(state.at);
  lost = false;
  check();
  const badge = $("open-count");
  badge.hidden = state.open === 0;
  badge.firstChild.data = String(state.open);
  const fresh = $("fresh");
  fresh.querySelector("time").textContent = clockText(at);
  fresh.querySelector("time").dateTime = state.at;
  if (!first) refresh();
}

// A kept trace does not change, and a search is repeated when somebody asks for it.
const still = () => location.pathname.startsWith("/traces");

function refresh() {
  if (still()) return;
  if (document.hidden) {
    dirty = true;
    return;
  }
  dirty = false;
  window.htmx.ajax("GET", location.pathname + location.search, { source: document.body, target: "#content", swap: "steady" })
    .catch(() => { dirty = true; });
}

function check() {
  const quiet = Date.now() - seen;
  const stale = (lost && quiet > 3000) || quiet > silence;
  $("stale").hidden = !stale;
  if (stale) $("stale-since").textContent = clockText(at);
  const fresh = $("fresh");
  fresh.dataset.live = stale ? "no" : version === undefined ? "waiting" : "yes";
  fresh.querySelector(".fresh-word").textContent = stale ? "stale since" : version === undefined ? "as of" : "live";
}
