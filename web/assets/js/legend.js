// A legend of buttons: each names a line, shows its value under the cursor (else
// the newest), and hides or shows the line.
export function legend(figure, plot, names, notes = []) {
  let box = figure.querySelector(".legend");
  if (!box) {
    box = document.createElement("div");
    box.className = "legend";
    figure.querySelector("figcaption").before(box);
  }
  const values = [];
  box.replaceChildren(...names.map((n, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", String(plot.series[i + 1].show !== false));
    button.append(swatch(n), n.name, " ");
    const value = document.createElement("b");
    button.append(value);
    values.push(value);
    button.addEventListener("click", () => {
      const on = plot.series[i + 1].show === false;
      plot.setSeries(i + 1, { show: on });
      button.setAttribute("aria-pressed", String(on));
    });
    return button;
  }), ...notes.map(noted));
  const show = () => names.forEach((n, i) => {
    const column = plot.data[i + 1];
    const at = plot.cursor.idx ?? column.length - 1;
    const text = column[at] == null ? "–" : n.format(column[at]);
    if (values[i].textContent !== text) values[i].textContent = text;
  });
  plot.hooks.setCursor = [...(plot.hooks.setCursor ?? []), show];
  plot.hooks.setData = [...(plot.hooks.setData ?? []), show];
  show();
}

// noted names what is drawn beside the lines.
function noted({ shape, text }) {
  const span = document.createElement("span");
  span.className = `drawn drawn-${shape}`;
  span.append(document.createElement("i"), text);
  return span;
}

function swatch({ colour, dash }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 18 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", "M0 4H18");
  line.setAttribute("stroke", colour);
  line.setAttribute("stroke-width", "2.5");
  if (dash) line.setAttribute("stroke-dasharray", dash.join(" "));
  svg.append(line);
  return svg;
}
