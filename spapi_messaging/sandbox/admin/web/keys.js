// Keys, and the help that lists them.
const buttons = () => [...(is.view === "requests" ? $("log") : $("rows")).querySelectorAll("[data-seq]")];
const stand = (all) => {
  const focused = all.indexOf(document.activeElement);
  return focused >= 0 ? focused : all.findIndex((button) => button.getAttribute("aria-current") === "true");
};
const step = (to) => {
  if (!to) return;
  const kind = is.view === "requests" ? "request" : "message";
  go(`#${kind}/${to.dataset.seq}`, is.seq !== null);
  to.focus();
  to.scrollIntoView({ block: "nearest" });
};
const move = async (by) => {
  const all = buttons(), from = stand(all);
  const last = from === all.length - 1 && by > 0;
  if (last && more && is.view !== "requests") { await older(); step(document.activeElement.closest("[data-seq]")); return; }
  const near = from < 0 && Number.isFinite(by) ? 0 : from + by;  // what is open need not be in the list
  step(all[Math.max(0, Math.min(all.length - 1, near))]);
};
const first = async () => {
  if (!atTop && is.view !== "requests") await reload();
  step(buttons()[0]);
};
const close = () => {
  if (document.activeElement === $("search")) $("search").blur();
  else if (!$("toast").hidden) unsay();
  else if (document.body.hasAttribute("data-open")) back();
};
const KEYS = {
  "/": () => { go(is.view === "messages" ? location.hash || "#messages" : "#messages"); $("search").focus(); },
  "?": () => $("help").showModal(),
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  Home: first, End: () => move(Infinity),
  Delete: () => $("delete")?.click(),
  Escape: close,
};
document.addEventListener("keydown", (event) => {
  const work = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
  if (!work || event.ctrlKey || event.metaKey || event.altKey || $("sure").open || $("help").open) return;
  const search = event.target === $("search");
  if (event.target.matches("input, select, textarea") && !(search && ["ArrowDown", "Escape"].includes(event.key))) return;
  // In an opened text these keys scroll it.
  const lists = search || event.target === document.body || event.target.closest(".list, .log");
  if (/^(Arrow|Home|End)/.test(event.key) && !lists) return;
  event.preventDefault();
  Promise.resolve(work()).catch(lost);
});
$("help-open").addEventListener("click", () => $("help").showModal());
$("help").addEventListener("click", (event) => { if (event.target === $("help")) $("help").close(); });
