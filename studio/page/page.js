// Arrow keys move over the titles, of which each row is one tab stop; a title opens in the dialog, Escape closes it.
"use strict";
const dialog = document.querySelector("dialog");
const shown = (all) => [...all].filter((one) => one.checkVisibility());
const titles = (row) => shown(row?.querySelectorAll(".cell, .open") ?? []);
const middle = (cell) => { const box = cell.getBoundingClientRect(); return box.left + box.width / 2; };

function nearest(cells, from) {
  const distance = (cell) => Math.abs(middle(cell) - middle(from));
  return cells.reduce((best, cell) => (best && distance(best) <= distance(cell) ? best : cell), undefined);
}

function go(to) {
  to.closest("section").querySelector('[tabindex="0"]').tabIndex = -1;
  to.tabIndex = 0;
  to.focus({ preventScroll: true });
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// Only the rows beside are asked: asking whether a title is shown draws its cover, and a page has thousands.
function target(from, key) {
  const rows = shown(document.querySelectorAll(".hero, .row"));
  const row = rows.findIndex((one) => one.contains(from));
  const cells = titles(rows[row]), column = cells.indexOf(from);
  if (column < 0) return null;
  const step = getComputedStyle(from).direction === "rtl" ? -1 : 1;
  switch (key) {
    case "ArrowRight": return cells[column + step];
    case "ArrowLeft": return cells[column - step];
    case "ArrowDown": return nearest(titles(rows[row + 1]), from);
    case "ArrowUp": return nearest(titles(rows[row - 1]), from);
    case "Home": return cells[0];
    case "End": return cells.at(-1);
  }
  return null;
}

function open(from) {
  const section = from.closest("section"), cell = from.classList.contains("cell") ? from : section;
  const text = (name) => cell.querySelector(name)?.textContent ?? "";
  for (const name of [".facts", ".why"]) dialog.querySelector(name).textContent = text(name);
  dialog.querySelector("h2").textContent = text(".name, h1");
  dialog.querySelector(".from").textContent = [...section.querySelectorAll("h2, h2 + p")].map((one) => one.textContent).join(" · ");
  dialog.querySelector(".cover").className = `cover ${[...cell.classList].find((name) => /^a\d+$/.test(name))}`;
  dialog.showModal();
}

function arrows(list) {
  const [back, on] = list.parentElement.querySelectorAll(".scroll");
  back.hidden = Math.abs(list.scrollLeft) < 8;
  on.hidden = Math.abs(list.scrollLeft) + list.clientWidth > list.scrollWidth - 8;
}

const query = document.getElementById("q"), found = document.querySelector(".found"), offered = found.innerHTML;
const cellAt = (place) => { const [row, column] = place.split("."); return document.querySelectorAll(".row")[row].querySelectorAll(".cell")[column]; };

// What was typed is looked for in the names of the page; before a letter stands what the page offers.
function look() {
  const wanted = query.value.trim().toLowerCase();
  if (!wanted) { found.innerHTML = offered; return; }
  const names = new Map();
  document.querySelectorAll(".row").forEach((row, r) => row.querySelectorAll(".cell").forEach((cell, c) => {
    const name = cell.querySelector(".name").textContent;
    if (names.size < 8 && name.toLowerCase().includes(wanted) && !names.has(name)) names.set(name, `${r}.${c}`);
  }));
  found.replaceChildren(...[...names].map(([name, place]) => {
    const item = document.createElement("li"), button = item.appendChild(document.createElement("button"));
    [button.value, button.textContent, button.dir] = [place, name, "auto"];
    return item;
  }));
}
query.addEventListener("input", look);
found.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) cellAt(button.value).click();
});
query.parentElement.addEventListener("keydown", (event) => {
  const all = [query, ...found.querySelectorAll("button")], at = all.indexOf(event.target);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && all[at + step]) { event.preventDefault(); all[at + step].focus(); }
  if (event.key === "Escape") event.target.blur();
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || dialog.open) return;
  const to = target(event.target, event.key);
  if (to === null) return;
  event.preventDefault();
  if (to) go(to);
});
document.addEventListener("click", (event) => {
  const scroll = event.target.closest(".scroll"), cell = event.target.closest(".cell, .hero .open");
  if (event.target === dialog) dialog.close();
  if (cell) {
    go(cell);
    if (window === window.parent) open(cell); // in a frame the page around it answers
  }
  if (scroll) {
    const list = scroll.parentElement.querySelector("ul");
    list.scrollBy({ left: list.clientWidth * (scroll.classList.contains("back") ? -0.9 : 0.9) });
  }
});
for (const list of document.querySelectorAll(".row ul")) {
  list.addEventListener("scroll", () => arrows(list), { passive: true });
  list.parentElement.addEventListener("pointerenter", () => arrows(list));
}
