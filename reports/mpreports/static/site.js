"use strict";
// Two things that a page cannot do by itself: copying a script, and filtering the matrix.

// Copying

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const script = document.getElementById(button.dataset.copies);
    button.textContent = (await copied(script)) ? "Copied" : "Select it and copy it by hand";
  });
}

async function copied(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    // A page that comes over plain HTTP has no clipboard. The older way copies what is selected in a field.
    const field = document.createElement("textarea");
    field.value = element.textContent;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) getSelection().selectAllChildren(element);
    return done;
  }
}

// The matrix

const form = document.getElementById("filter");
if (form) startMatrix();

// The state of the matrix is the address: #text=words&differs=yes&backend=a&backend=b&fold=section. A change of the
// filters makes a new entry in the history, so that one can go back; folding and further typing change the entry.
function startMatrix() {
  const matrix = document.getElementById("matrix");
  const text = document.getElementById("text");
  const differs = document.getElementById("differs"); // not there if there is but one cell
  const facets = [...form.querySelectorAll(".facet")];
  const boxes = [...form.querySelectorAll(".facet input")];
  const keyOf = (box) => box.closest(".facet").dataset.key;
  const columns = [...matrix.querySelectorAll("tr.methods th[data-backend]")].map((head) => head.dataset);
  const sections = [...matrix.querySelectorAll("details.section")].map(readSection);
  const style = new CSSStyleSheet();
  document.adoptedStyleSheets = [style];
  let columnRules = "";
  let typing = false;

  function readSection(details) {
    const rows = [...details.querySelectorAll("tbody tr")].map((row) => ({
      row,
      level: row.className,
      words: row.cells[0].textContent.toLowerCase(),
      // The classes of a cell are its verdict and, if that needs attention, its standing. A plain cell is a pass.
      judged: [...row.cells].slice(1).map((cell) => (cell.className || "pass").split(" ")),
    }));
    return { details, rows, of: details.querySelector(".of"), heads: readHeads(details) };
  }

  // The heads of a section's table, each with the numbers of the columns that it is over.
  function readHeads(details) {
    return [...details.querySelectorAll("thead tr")].slice(0, 3).flatMap((line) => {
      let next = 0;
      return [...line.cells].filter((head) => head.scope !== "col" || head.rowSpan === 1).map((head) => {
        const over = Array.from({ length: head.colSpan }, () => next++);
        return { head, over };
      });
    });
  }

  function readAddress() {
    const address = new URLSearchParams(location.hash.slice(1));
    if (location.hash && !location.hash.includes("=")) return false; // a place on the page, not a state
    text.value = address.get("text") ?? "";
    if (differs) differs.checked = address.has("differs");
    for (const box of boxes) box.checked = address.getAll(keyOf(box)).includes(box.value);
    const folded = address.getAll("fold");
    for (const { details } of sections) details.open = !folded.includes(details.id);
    return true;
  }

  function address() {
    const state = new URLSearchParams();
    if (text.value.trim()) state.append("text", text.value.trim());
    if (differs?.checked) state.append("differs", "yes");
    for (const box of boxes) if (box.checked) state.append(keyOf(box), box.value);
    for (const { details } of sections) if (!details.open) state.append("fold", details.id);
    const hash = state.toString();
    return hash ? `#${hash}` : location.pathname + location.search;
  }

  function show() {
    const chosen = Object.fromEntries(facets.map((facet) => [facet.dataset.key, new Set()]));
    for (const box of boxes) if (box.checked) chosen[keyOf(box)].add(box.value);
    const allows = (key, value) => !chosen[key]?.size || chosen[key].has(value);
    const shown = columns.map((cell) => Object.entries(cell).every(([key, value]) => allows(key, value)));
    showColumns(shown);

    // The browser lays out only what is in view, but what was in view it takes to be so still: a section that showed
    // one row would be laid out with all its rows. What was skipped once is looked at anew.
    for (const { details } of sections) details.style.contentVisibility = "hidden";
    matrix.getBoundingClientRect();

    const words = text.value.toLowerCase().split(/\s+/);
    const picky = chosen.verdict?.size || chosen.standing?.size;
    const judgedAs = ([verdict, standing = ""]) => allows("verdict", verdict) && allows("standing", standing);
    let total = 0;
    for (const { details, rows, of } of sections) {
      let count = 0;
      for (const { row, level, words: own, judged } of rows) {
        const kept =
          allows("section", details.id) &&
          allows("level", level) &&
          words.every((word) => own.includes(word)) &&
          (!picky || judged.some((cell, index) => shown[index] && judgedAs(cell))) &&
          (!differs?.checked || areDifferent(judged.filter((_, index) => shown[index])));
        if (row.hidden === kept) row.hidden = !kept;
        if (kept) count += 1;
      }
      details.hidden = count === 0;
      details.dataset.count = count;
      reserveHeight(details);
      of.textContent = count === rows.length ? `${count} requirements` : `${count} of ${rows.length} requirements`;
      total += count;
    }
    for (const { details } of sections) details.style.contentVisibility = "";
    showState(chosen, total, shown.filter(Boolean).length);
  }

  // How high a section will be once it is laid out, roughly: what is out of sight must not seem to be in view.
  function reserveHeight(details) {
    details.style.containIntrinsicBlockSize = `${details.open ? 10 + 3.7 * details.dataset.count : 2}rem`;
  }

  // Where nothing is promised, or nothing was judged, there is nothing to differ from.
  function areDifferent(judged) {
    const verdicts = judged.map(([verdict]) => verdict);
    return new Set(verdicts.filter((verdict) => verdict !== "not-applicable" && verdict !== "none")).size > 1;
  }

  // One rule for all cells of a column is a hundred times faster than hiding each. Another says how wide a section is
  // that is not laid out.
  function showColumns(shown) {
    const number = shown.filter(Boolean).length;
    const hidden = shown.flatMap((on, index) => (on ? [] : [`#matrix td:nth-child(${index + 2})`]));
    const rules =
      (hidden.length ? `${hidden.join()} { display: none; }` : "") +
      `#matrix.lazy details { width: max(100%, calc(var(--first) + ${number} * var(--column))); }`;
    if (rules === columnRules) return;
    columnRules = rules;
    style.replaceSync(rules);
    for (const { heads } of sections) {
      for (const { head, over } of heads) {
        const span = over.filter((index) => shown[index]).length;
        head.hidden = span === 0;
        head.colSpan = span || 1;
      }
    }
    for (const group of matrix.querySelectorAll("col:last-child")) group.span = number || 1;
    matrix.classList.toggle("few", number <= 8);
    matrix.classList.toggle("many", number > 8);
  }

  function showState(chosen, total, number) {
    const all = sections.reduce((sum, section) => sum + section.rows.length, 0);
    document.getElementById("shown").textContent =
      `${total} of ${all} requirements, ${number} of ${columns.length} cells`;
    document.getElementById("nothing").hidden = total > 0;
    for (const facet of facets) {
      const values = [...chosen[facet.dataset.key]];
      facet.querySelector(".chosen").textContent = values.length ? ` (${values.length})` : "";
    }
    showFold();
  }

  const fold = document.getElementById("fold");
  const anyOpen = () => sections.some(({ details }) => details.open && !details.hidden);
  function showFold() {
    fold.textContent = anyOpen() ? "Fold all" : "Unfold all";
  }

  function changed() {
    history.pushState(null, "", address());
    show();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  text.addEventListener("input", () => {
    // The first letter makes an entry of its own, the letters after it change that entry.
    if (typing) history.replaceState(null, "", address());
    else history.pushState(null, "", address());
    typing = true;
    show();
  });
  form.addEventListener("change", (event) => {
    typing = false;
    if (event.target !== text) changed();
  });
  form.addEventListener("reset", () => {
    typing = false;
    for (const { details } of sections) details.open = true;
    setTimeout(changed); // the fields are cleared after this event
  });
  fold.addEventListener("click", () => {
    const open = !anyOpen();
    for (const { details } of sections) details.open = open;
  });
  matrix.addEventListener("toggle", (event) => {
    reserveHeight(event.target);
    history.replaceState(null, "", address());
    showFold();
  }, true); // it does not bubble

  // A list of choices closes when one clicks elsewhere or presses Escape.
  document.addEventListener("click", (event) => {
    for (const facet of facets) if (!facet.contains(event.target)) facet.open = false;
  });
  form.addEventListener("keydown", (event) => {
    const facet = event.target.closest(".facet[open]");
    if (event.key !== "Escape" || !facet) return;
    facet.open = false;
    facet.querySelector("summary").focus();
  });

  // A click anywhere in a cell opens the page of its requirement.
  matrix.addEventListener("click", (event) => {
    const cell = event.target.closest("tbody td");
    if (!cell || event.target.closest("a") || !getSelection().isCollapsed) return;
    (cell.querySelector("a") ?? cell.parentElement.cells[0].querySelector("a")).click();
  });

  addEventListener("popstate", () => {
    typing = false;
    if (readAddress()) show();
  });
  matrix.classList.add("lazy");
  form.hidden = false; // without scripts there is nothing to filter with
  readAddress();
  show();
}
