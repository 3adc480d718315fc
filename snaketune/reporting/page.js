// What the page does beyond being read: its scheme, tooltips, downloads and the table of trials.

const at = (id) => document.getElementById(id);

// Light or dark: the system's scheme, until one is chosen. A browser may refuse to remember it.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function remembered(scheme) {
  try {
    if (scheme) localStorage.setItem("snaketune-scheme", scheme);
    return localStorage.getItem("snaketune-scheme");
  } catch {
    return null;
  }
}

function dark() {
  return root.style.colorScheme ? root.style.colorScheme === "dark" : system.matches;
}

function setScheme(scheme) {
  root.style.colorScheme = scheme ?? "";
  at("scheme").setAttribute("aria-pressed", dark());
}

at("scheme").addEventListener("click", () => {
  setScheme(dark() ? "light" : "dark");
  remembered(root.style.colorScheme);
});
system.addEventListener("change", () => setScheme(root.style.colorScheme));
setScheme(remembered());

// Tooltips: the <title> of the shape under the pointer, shown at once. The shape loses its title
// meanwhile, or the browser would show a second tooltip.

const tooltip = at("tooltip");
let putBack = () => {};

function hideTooltip() {
  putBack();
  tooltip.hidden = true;
}

function placeTooltip(event) {
  const { width, height } = tooltip.getBoundingClientRect();
  const right = root.clientWidth - width - 4;
  const below = event.clientY + 18;
  tooltip.style.left = `${Math.max(4, Math.min(event.clientX + 10, right))}px`;
  tooltip.style.top = `${below + height < innerHeight ? below : event.clientY - height - 10}px`;
}

document.addEventListener("pointerover", (event) => {
  hideTooltip();
  const shape = event.target.closest("figure svg :has(> title)");
  if (!shape) return;
  const title = shape.querySelector(":scope > title");
  tooltip.textContent = title.textContent;
  title.remove();
  putBack = () => {
    shape.prepend(title);
    putBack = () => {};
  };
  tooltip.hidden = false;
  placeTooltip(event);
});
document.addEventListener("pointermove", placeTooltip);
// A lifted finger leaves the page as well, but the tooltip that it tapped stays until the next tap.
root.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hideTooltip());
addEventListener("scroll", hideTooltip, { capture: true, passive: true });
addEventListener("keydown", (event) => event.key === "Escape" && hideTooltip());

// Downloads.

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// A figure as its file: with the greys themselves in place of the page's variables.
function svgFile(svg) {
  const text = new XMLSerializer().serializeToString(svg);
  return text.replace(/var\(--\w+, (#\w+)\)/g, "$1");
}

// The links lead to the files beside the page. A click saves the copies that the page itself holds,
// so that a page that was moved needs no other file.
for (const figure of document.querySelectorAll("figure")) {
  const contents = {
    "image/svg+xml": () => svgFile(figure.querySelector("svg")),
    "text/csv": () => JSON.parse(figure.querySelector("script").textContent),
  };
  for (const link of figure.querySelectorAll("a[type]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      save(link.download, link.type, contents[link.type]());
    });
  }
}

// The table of trials: sorted by a column, filtered, a page of rows at a time.

const data = JSON.parse(at("trials-data").textContent);
const table = at("trials");
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "accent" });

// A cell for people, like the Python function `cell_text`: %.4g unless it is an integer.
function cellText(text, kind) {
  const value = Number(text);
  if (kind !== "number" || text === "" || !Number.isFinite(value)) return text;
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toFixed(0);
  let shown = 3; // digits after the first: more where what is not 1 would be rounded to it
  while (Math.abs(Number(value.toExponential(shown))) === 1 && Math.abs(value) !== 1) shown += 1;
  const [digits, exponent] = value.toExponential(shown).split("e");
  if (exponent >= -4 && exponent <= shown) return String(Number(value.toPrecision(shown + 1)));
  return `${Number(digits)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

const trials = data.rows.map((cells) => {
  const shown = cells.map((text, i) => cellText(text, data.columns[i].kind));
  return { cells, shown, words: [...shown, ...cells].join(" ").toLowerCase() };
});
let found = trials;
let first = 0; // of the rows shown

function compare(a, b, column) {
  return data.columns[column].kind === "number" ? a - b : collator.compare(a, b);
}

const signs = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  ">=": (order) => order >= 0,
  ">": (order) => order > 0,
};

function columnOf(name) {
  return data.columns.findIndex((column) => column.name.toLowerCase() === name);
}

// `lr<=0.01` compares where there is a column `lr`, else it is a word that has to occur. A number
// equals the rounded number that the table shows. An empty cell satisfies no comparison.
function condition(term) {
  const [, name, sign, value] = term.match(/^(.+?)([<>!]=|[<>=])(.*)$/) ?? [];
  const column = columnOf(name);
  if (column < 0) return (trial) => trial.words.includes(term);
  if (!value) return () => true; // still being typed
  return ({ cells, shown }) =>
    cells[column] !== "" &&
    signs[sign](shown[column] === value ? 0 : compare(cells[column], value, column));
}

// The conditions of the filter; `lr <= 0.01` with spaces is one condition.
function conditionsNow() {
  const query = at("filter").value.toLowerCase();
  const joined = query.replace(/(\S+?)\s*([<>!]=|[<>=])\s*/g, (all, name, sign) =>
    columnOf(name) < 0 ? all : name + sign,
  );
  return joined.split(/\s+/).filter(Boolean).map(condition);
}

function filter() {
  const conditions = conditionsNow();
  found = trials.filter((trial) => conditions.every((holds) => holds(trial)));
  const count = found.length.toLocaleString("en");
  at("count").textContent = `${count} of ${trials.length.toLocaleString("en")} trials`;
  show(0);
}

function show(from) {
  first = from;
  const page = found.slice(first, first + data.page);
  table.tBodies[0].replaceChildren(
    ...page.map(({ shown }) => {
      const row = document.createElement("tr");
      shown.forEach((text, i) => {
        const { kind } = data.columns[i];
        Object.assign(row.insertCell(), { className: kind, textContent: text });
      });
      return row;
    }),
  );
  const last = first + page.length;
  at("place").textContent = page.length ? `rows ${first + 1} to ${last}` : "no rows";
  at("previous").setAttribute("aria-disabled", first === 0);
  at("next").setAttribute("aria-disabled", last === found.length);
}

// At an end a button does nothing: it stays enabled, since it may have the keyboard's focus.
function turn(by) {
  const from = first + by * data.page;
  if (from >= 0 && from < found.length) show(from);
}

function sort(header) {
  const sign = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
  const column = header.cellIndex;
  trials.sort(({ cells: { [column]: a } }, { cells: { [column]: b } }) =>
    a === "" || b === "" ? (a === "") - (b === "") : sign * compare(a, b, column),
  );
  filter();
}

function csv(rows) {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

at("filter").addEventListener("input", filter);
at("previous").addEventListener("click", () => turn(-1));
at("next").addEventListener("click", () => turn(1));
at("save").addEventListener("click", () => {
  const names = data.columns.map((column) => column.name);
  save(at("save").dataset.name, "text/csv", csv([names, ...found.map(({ cells }) => cells)]));
});
table.tHead.addEventListener("click", (event) => {
  if (event.target.matches("button")) sort(event.target.closest("th"));
});
filter();
