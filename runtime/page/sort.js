"use strict";
// A click on a heading sorts by its column, upwards and then downwards. Equal rows stay in order.
for (const table of document.querySelectorAll("table")) {
  const heads = Array.from(table.querySelectorAll("thead th")), body = table.tBodies[0];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending", sign = down ? -1 : 1;
    const value = row => row.cells[column].dataset.v ?? row.cells[column].textContent;
    const missing = row => value(row) === "–" || value(row) === "";
    const compare = (a, b) => {
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      const x = Number(value(a)), y = Number(value(b));
      return sign * (isNaN(x) || isNaN(y) ? value(a).localeCompare(value(b), undefined, {numeric: true}) : x - y);
    };
    Array.from(body.rows).sort(compare).forEach(row => body.append(row));
    heads.forEach(other => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    document.getElementById("said").textContent = `Sorted by ${head.textContent}, ${down ? "descending" : "ascending"}`;
  }));
}
