// A button that copies the address of the page, which holds all that is chosen on it.
export function bindCopy() {
  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.("button[data-copy]");
    if (!button) return;
    const said = document.getElementById("copied");
    said.textContent = (await copy(location.href)) ? "Copied." : "Copy it from the address bar.";
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
