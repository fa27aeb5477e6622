// The theme follows the system until the reader chooses; a third press gives it back.
const order = ["system", "light", "dark"];

export function bindTheme() {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const show = () => {
    const theme = root.dataset.theme ?? "system";
    button.setAttribute("aria-label", `Colour theme: ${theme}`);
    button.title = `Colour theme: ${theme} (t)`;
    window.dispatchEvent(new Event("burnline:theme"));
  };
  button.addEventListener("click", () => {
    const next = order[(order.indexOf(root.dataset.theme ?? "system") + 1) % order.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem("burnline-theme", next);
    } catch { /* the choice then lasts for this page only */ }
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
}
