// A button that copies the text of the element whose id data-copy names; without a name it is the
// address of the page, which holds all that is chosen on it.
export function bindCopy() {
  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.("button[data-copy]");
    if (!button) return;
    const said = document.getElementById("copied");
    const source = document.getElementById(button.dataset.copy);
    const done = await copy(source ? source.textContent : location.href);
    said.textContent = done ? "Copied." : source ? "Select and copy it below." : "Copy it from the address bar.";
    if (!done) source?.closest("details")?.setAttribute("open", "");
    setTimeout(() => { said.textContent = ""; }, 4000);
  });
}

// The clipboard is there on secure origins only; elsewhere a selection is copied.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { /* asked below */ }
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    box.remove();
  }
}
