// Sorts and filters the register's table, which reads whole without this. Named by its hash in its page's policy.
(() => {
  const table = document.querySelector("table.register");
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const element = (name, properties, ...inside) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...inside);
    return made;
  };
  // as cards on a phone it stays a table for screen readers
  const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  for (const part of [table, ...table.querySelectorAll("*")]) {
    const role = part.tagName === "TH" ? (part.scope === "row" ? "rowheader" : "columnheader") : roles[part.tagName];
    if (role) part.setAttribute("role", role);
  }
  const words = (row, column) => row.cells[column].textContent.trim();
  // references by their numbers, whatever stands before them
  const value = (row, column) =>
    row.cells[column].dataset.sort ?? words(row, column).replace(column ? "" : /^\D+/, "");
  const status = element("p", { className: "status", role: "status" });
  const search = element("input", { type: "search", id: "words", autocomplete: "off" });
  const form = element("form", { className: "filters" },
    element("div", {}, element("label", { htmlFor: "words" }, "Words of the title, or a reference"), search));
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Filter the modifications");

  const choices = heads.map((head, column) => {
    if (!("choose" in head.dataset)) return null;
    const held = new Set(rows.map((row) => words(row, column)));
    const options = [...held].filter(Boolean).sort((a, b) => a.localeCompare(b, "en"));
    const select = element("select", { id: `choose-${column}` }, new Option("All", "*"),
      ...options.map((option) => new Option(option, option)));
    if (held.has("")) select.add(new Option("Not known", ""));
    form.append(element("div", {}, element("label", { htmlFor: select.id }, head.textContent), select));
    return select;
  });

  const filter = () => {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = `${row.textContent} ${row.dataset.also ?? ""}`.toLowerCase();
      row.hidden = !asked.every((word) => text.includes(word))
        || choices.some((select, column) => select && select.value !== "*" && select.value !== words(row, column));
      shown += !row.hidden;
    }
    status.textContent = `${shown} of ${rows.length} shown`;
  };

  const sort = (column, descending) => {
    const order = new Intl.Collator("en", { numeric: true }).compare;
    const sorted = [...rows].sort((a, b) => {
      const [x, y] = [value(a, column), value(b, column)];
      if (!x || !y) return !x - !y; // blanks stay last
      return descending ? order(y, x) : order(x, y);
    });
    body.append(...sorted);
    heads.forEach((head, other) => {
      if (other === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  };

  heads.forEach((head, column) => {
    const button = element("button", { type: "button" }, head.textContent);
    button.addEventListener("click", () => sort(column, head.getAttribute("aria-sort") === "ascending"));
    head.replaceChildren(button);
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.append(element("button", { type: "reset" }, "Show all"));
  table.parentElement.before(form, status);
  filter();
})();
