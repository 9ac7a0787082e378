"use strict";
// Charts name their colours as CSS variables; they are drawn with the values of the theme that is on.

const root = document.documentElement;
const themeMemory = {
  read() { try { return localStorage.getItem("evergreen-theme"); } catch { return null; } },
  write(theme) { try { localStorage.setItem("evergreen-theme", theme); } catch { /* file: pages may have no storage */ } },
};

function withTheme(value, style) {
  if (typeof value === "string") {
    const name = /^var\((--[a-z-]+)\)$/.exec(value);
    return name ? style.getPropertyValue(name[1]).trim() : value;
  }
  if (Array.isArray(value)) return typeof value[0] === "number" && typeof value[1] !== "string" ? value : value.map((item) => withTheme(item, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTheme(item, style)]));
  }
  return value;
}

function forWidth(layout, width) {
  if (width > 560) return layout;
  layout.font.size = 11;
  layout.margin.r = Math.min(layout.margin.r, 82);
  const [first, last] = (layout.xaxis?.range ?? [0, 1]).map((day) => new Date(day) / 86400000);
  const pxPerDay = (width - layout.margin.r - 60) / (last - first);
  layout.annotations = (layout.annotations ?? []).filter((note) => {
    const days = /^band (\d+)$/.exec(note.name ?? ""); // a season whose name has no room is cut to three letters, or left out
    if (!days) return true;
    const room = Number(days[1]) * pxPerDay;
    if (room < 6 * note.text.length + 6) note.text = note.text.slice(0, 3);
    return room > 22;
  });
  for (const note of layout.annotations) {
    if (note.font?.size) note.font.size = Math.max(10, note.font.size - 2);
  }
  if (layout.coloraxis) {
    layout.coloraxis.colorbar = {
      ...layout.coloraxis.colorbar, orientation: "h", x: 0.5, y: 0, yref: "container", yanchor: "bottom", thickness: 8, len: 0.9,
      title: { ...layout.coloraxis.colorbar.title, side: "top" }, xanchor: "center",
    };
    layout.margin.b = 24;
    layout.margin.t = Math.min(layout.margin.t, 34);
    layout.height += 40;
  }
  return layout;
}

function draw(data) {
  const place = document.getElementById(data.dataset.chart);
  if (!place || !place.offsetWidth) return; // hidden: drawn when it is shown
  const figure = withTheme(JSON.parse(data.textContent), getComputedStyle(root));
  const layout = forWidth(figure.layout, place.offsetWidth);
  if (place.offsetWidth <= 560) {
    for (const trace of figure.data) {
      if (trace.type === "heatmap") trace.xgap = 0;
      if (trace.mode === "lines+markers" && trace.x.length > 12) trace.marker = { ...trace.marker, size: 3 };
      if (trace.name === "now") trace.marker = { ...trace.marker, size: 3.5, line: { ...trace.marker.line, width: 0.8 } };
    }
  }
  place.style.height = layout.height + "px";
  Plotly.react(place, figure.data, layout, { responsive: true, displayModeBar: false });
}

// Charts are drawn one after the other, whenever the browser has time, so that a long page scrolls from the start.
let round = 0;
const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(work, 1));

function drawAll() {
  const mine = ++round;
  const waiting = [...document.querySelectorAll("script[data-chart]")];
  delete root.dataset.drawn;
  const next = () => {
    if (mine !== round) return; // begun anew since
    const data = waiting.shift();
    if (!data) {
      root.dataset.drawn = "all";
      return;
    }
    draw(data);
    whenIdle(next, { timeout: 100 });
  };
  next();
}

function drawNow() {
  round += 1;
  document.querySelectorAll("script[data-chart]").forEach(draw);
}

const kept = themeMemory.read();
if (kept === "light" || kept === "dark") root.dataset.theme = kept;
document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  themeMemory.write(root.dataset.theme);
  drawAll();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

for (const tabs of document.querySelectorAll(".tabs")) {
  const buttons = [...tabs.querySelectorAll(":scope > .buttons > [role=tab]")];
  const show = (chosen) => {
    for (const button of buttons) {
      const on = button === chosen;
      button.setAttribute("aria-selected", on);
      button.tabIndex = on ? 0 : -1;
      document.getElementById(button.getAttribute("aria-controls")).hidden = !on;
    }
    drawAll();
  };
  buttons.forEach((button, place) => {
    button.addEventListener("click", () => show(button));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const other = buttons[(place + step + buttons.length) % buttons.length];
      other.focus();
      show(other);
    });
  });
  show(buttons[0]);
}

for (const fold of document.querySelectorAll("details.fold, details.more")) fold.addEventListener("toggle", drawAll);

// On a small screen only the first part is open at first, and those that most want; a link to a part opens it.
const opened = new Set(["year", "memory", "learners"]);
if (innerWidth <= 640) {
  document.querySelectorAll("details.fold").forEach((fold, place) => { fold.open = place === 0 || opened.has(fold.parentElement.id); });
}
function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const fold = target && target.querySelector(":scope > details.fold");
  if (fold && !fold.open) {
    fold.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", openTarget);
openTarget();

document.getElementById("mistakes")?.addEventListener("change", (event) => {
  document.body.classList.toggle("mistakes", event.target.checked);
});

// The bar says where one is.
const links = new Map([...document.querySelectorAll(".top nav a")].map((link) => [link.hash.slice(1), link]));
const nav = document.querySelector(".top nav");
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const link = links.get(target.id);
    if (!link) continue;
    if (isIntersecting) {
      link.setAttribute("aria-current", "true");
      nav.scrollTo({ left: link.offsetLeft - nav.offsetLeft - 24 });
    } else link.removeAttribute("aria-current");
  }
}, { rootMargin: "-20% 0px -75% 0px" });
document.querySelectorAll("section[data-short]").forEach((part) => watcher.observe(part));

// Paper is white: what is printed is drawn in the light theme, with everything open.
let before = null;
addEventListener("beforeprint", () => {
  before = { theme: root.dataset.theme, closed: [...document.querySelectorAll("details.more:not([open]), details.fold:not([open])")] };
  root.dataset.theme = "light";
  document.body.classList.add("printing");
  for (const details of before.closed) details.open = true;
  drawNow();
});
addEventListener("afterprint", () => {
  document.body.classList.remove("printing");
  if (before.theme) root.dataset.theme = before.theme; else delete root.dataset.theme;
  for (const details of before.closed) details.open = false;
  drawAll();
});

let narrow = innerWidth <= 640;
addEventListener("resize", () => {
  if (narrow !== innerWidth <= 640) drawAll();
  narrow = innerWidth <= 640;
});
drawAll();
