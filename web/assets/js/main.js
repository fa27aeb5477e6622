import { define } from "./steady.js";
import { localise } from "./times.js";
import { follow } from "./live.js";
import { bindKeys } from "./keys.js";
import { bindTheme } from "./toggle.js";
import { drawCharts } from "./charts.js";
import { followTrends } from "./trends.js";
import { bindCopy } from "./copy.js";

define();
localise(document);
bindTheme();
bindKeys();
drawCharts();
followTrends();
bindCopy();
document.body.addEventListener("htmx:afterSettle", (e) => {
  localise(e.target);
  drawCharts();
});
// An address carries only what was chosen.
document.body.addEventListener("htmx:configRequest", ({ detail: { parameters } }) => {
  for (const [name, value] of Object.entries(parameters)) if (value === "" && name !== "q") delete parameters[name];
});
follow();
