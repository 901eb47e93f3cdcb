// The studio's own script: a panel of reasons beside the page, and buttons that copy. Without it every view still works.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}

const frame = document.getElementById("page");
if (frame) {
  const panel = document.getElementById("panel");
  const cells = JSON.parse(document.getElementById("cells").textContent);
  let asker = null;

  const close = () => {
    panel.hidden = true;
    if (asker) asker.focus();
  };

  const ask = async (cell) => {
    const page = frame.contentDocument;
    const row = cell.closest("section.row");
    const rowIndex = [...page.querySelectorAll("section.row")].indexOf(row);
    const column = [...row.querySelectorAll(".cell")].indexOf(cell);
    const [rowId, titles] = cells[rowIndex] ?? [];
    if (rowId === undefined || titles[column] === undefined) return;
    asker = cell;
    const query = `${panel.dataset.why}&${new URLSearchParams({ row: rowId, title: titles[column] })}`;
    panel.hidden = false;
    panel.textContent = "Building the page again to see …";
    panel.setAttribute("aria-busy", "true");
    const answer = await fetch(query).then((response) => response.text(), () => "");
    panel.setAttribute("aria-busy", "false");
    panel.innerHTML = answer; // our own template, every text in it escaped
    if (!answer) panel.textContent = "The studio does not answer any more.";
    const button = document.createElement("button");
    button.textContent = "Close";
    button.className = "close";
    button.addEventListener("click", close);
    panel.prepend(button);
    button.focus();
  };

  const listen = () => {
    const page = frame.contentDocument;
    if (!page) return;
    page.addEventListener("click", (event) => {
      const cell = event.target.closest(".cell");
      if (cell) ask(cell);
    });
    page.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) close();
    });
  };
  frame.addEventListener("load", listen);
  if (frame.contentDocument && frame.contentDocument.readyState === "complete") listen();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) close();
  });
}
