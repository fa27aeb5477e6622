// The keyboard: / filter, j and k rows, g and a letter to go somewhere, ? help.
let pending = 0;

export function bindKeys() {
  const help = document.getElementById("help");
  document.getElementById("help-open").addEventListener("click", () => help.showModal());
  help.addEventListener("click", (e) => e.target === help && help.close());
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || help.open) return;
    if (e.target.matches("input, textarea, select")) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    if (act(e.key, e.timeStamp, help)) e.preventDefault();
  });
}

function act(key, at, help) {
  if (pending && at - pending < 1500 && /^[a-z]$/.test(key)) {
    if (go(document.querySelector(`.top nav a[data-key="${key}"]`))) return true;
  }
  pending = key === "g" ? at : 0;
  switch (key) {
    case "/": return focus(document.getElementById("q"));
    case "j": return step(1);
    case "k": return step(-1);
    case "n": return go(document.querySelector("#pages a[rel=next]"));
    case "p": return go(document.querySelector("#pages a[rel=prev]"));
    case "u": return go(document.querySelector(".crumbs a"));
    case "t": document.getElementById("theme").click(); return true;
    case "?": help.showModal(); return true;
  }
  return false;
}

function focus(input) {
  if (!input) return false;
  input.focus();
  input.select();
  return true;
}

function go(link) {
  if (link) location.assign(link.href);
  return Boolean(link);
}

function step(by) {
  const links = [...document.querySelectorAll("#content .row-link")];
  if (!links.length) return false;
  const at = links.findIndex((l) => l === document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
  return true;
}
