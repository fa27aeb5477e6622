// Copies the text of an element that a button with data-copy names by its id.
export function bindCopy() {
  document.body.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy);
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch { // without a secure address browsers copy only what is selected
      text.closest("details")?.setAttribute("open", "");
      getSelection().selectAllChildren(text);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected: copy it";
    }
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
