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
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map((item) => withTheme(item, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTheme(item, style)]));
  }
  return value;
}

function forWidth(layout, width) {
  if (width > 560) return layout;
  layout.font.size = 11;
  layout.margin.r = Math.min(layout.margin.r, 82);
  layout.annotations = (layout.annotations ?? []).filter((note) => {
    const days = /^band (\d+)$/.exec(note.name ?? "");
    return !days || Number(days[1]) > 75; // a short season has no room for its name
  });
  for (const note of layout.annotations) {
    if (note.font?.size) note.font.size = Math.max(10, note.font.size - 2);
  }
  if (layout.coloraxis) {
    layout.coloraxis.colorbar = {
      ...layout.coloraxis.colorbar, orientation: "h", x: 0.5, y: 0, yref: "container", yanchor: "bottom", thickness: 8, len: 0.9,
      title: { text: "mIoU [%]", side: "top" },
    };
    layout.margin.b = 24;
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
      if (trace.name === "now") trace.marker = { ...trace.marker, size: 3.5, line: { ...trace.marker.line, width: 0.8 } };
    }
  }
  place.style.height = layout.height + "px";
  Plotly.react(place, figure.data, layout, { responsive: true, displayModeBar: false });
}

function drawAll() {
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
  const buttons = [...tabs.querySelectorAll("[role=tab]")];
  const show = (chosen) => {
    for (const button of buttons) {
      const on = button === chosen;
      button.setAttribute("aria-selected", on);
      document.getElementById("panel-" + button.dataset.panel).hidden = !on;
    }
    drawAll();
  };
  buttons.forEach((button) => button.addEventListener("click", () => show(button)));
  show(buttons[0]);
}

document.getElementById("mistakes")?.addEventListener("change", (event) => {
  document.body.classList.toggle("mistakes", event.target.checked);
});

let narrow = innerWidth <= 640;
addEventListener("resize", () => {
  if (narrow !== innerWidth <= 640) drawAll();
  narrow = innerWidth <= 640;
});
drawAll();
