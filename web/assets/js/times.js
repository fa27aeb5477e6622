// Times come as UTC and are shown in the reader's zone; UTC stays on hover.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

export const clockText = (date) => clock.format(date);

export function when(date, time = minute, now = new Date()) {
  if (date.toDateString() === now.toDateString()) return time.format(date);
  const d = date.getFullYear() === now.getFullYear() ? day : year;
  return `${d.format(date)}, ${time.format(date)}`;
}

export function localise(root) {
  for (const t of root.querySelectorAll("time[data-local]")) t.textContent = when(new Date(t.dateTime), t.dataset.local === "seconds" ? clock : minute);
  for (const t of root.querySelectorAll("time[data-clock]")) t.textContent = clockText(new Date(t.dateTime));
}
