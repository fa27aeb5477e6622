// An htmx swap that changes only what differs, in place: focus, scroll
// position, selection and drawn charts stay. Elements with an id are matched by
// it; an element with data-keep takes new attributes but keeps its content.
import { localise } from "./times.js";

export function define() {
  window.htmx.defineExtension("steady", {
    isInlineSwap: (style) => style === "steady",
    handleSwap(style, target, fragment) {
      if (style !== "steady") return false;
      localise(fragment);
      children(target, fragment);
      return [target];
    },
  });
}

function children(old, fresh) {
  const byID = new Map();
  for (const n of old.children) if (n.id) byID.set(n.id, n);
  let at = old.firstChild;
  for (const n of [...fresh.childNodes]) {
    const match = n.id ? byID.get(n.id) : alike(at, n) ? at : null;
    if (!match || match.nodeName !== n.nodeName) {
      old.insertBefore(n, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    node(match, n);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const alike = (a, b) => a && a.nodeType === b.nodeType && a.nodeName === b.nodeName && !a.id;

function node(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.isEqualNode(fresh)) return;
  attributes(old, fresh);
  if (!old.hasAttribute("data-keep")) children(old, fresh);
}

function attributes(old, fresh) {
  for (const { name, value } of [...fresh.attributes])
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && name !== "open" && name !== "data-drawn") old.removeAttribute(name);
  if (old.nodeName === "INPUT" && old !== document.activeElement) old.value = fresh.value;
}
