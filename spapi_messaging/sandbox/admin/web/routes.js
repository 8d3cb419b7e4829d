// The address says what is open: #message/SEQ, #request/SEQ, #messages, #requests, #controls, #connect.
const is = { view: "messages", seq: null, shown: null };
const VIEWS = ["messages", "requests", "controls", "connect"];
const route = () => {
  const [name, number = ""] = location.hash.slice(1).split("/");
  const one = `${name}s`;
  if ((name === "message" || name === "request") && /^[0-9]{1,15}$/.test(number)) return { view: one, seq: Number(number) };
  return { view: VIEWS.includes(name) ? name : "messages", seq: null };
};
const go = (hash, replace = false) => {
  if (hash !== location.hash) history[replace ? "replaceState" : "pushState"]({ from: replace ? history.state?.from ?? null : location.hash || "#messages" }, "", hash);
  return show().catch(lost);
};
// What the list marks as open: the address says it, or the newest was shown without being asked for.
const openSeq = (view) => is.view === view && is.seq !== null ? is.seq
  : is.shown?.startsWith(`${view}/`) ? Number(is.shown.slice(view.length + 1)) : null;
const fill = (...content) => {
  $("open").replaceChildren(...content);
  $("open").scrollTop = 0;
};
const show = async () => {
  const { view, seq } = route(), { view: fromView, seq: from } = is;
  const moved = fromView !== view || from !== seq;
  [is.view, is.seq] = [view, seq];
  const tab = view === "connect" ? "messages" : view;
  document.body.dataset.view = tab;
  document.body.toggleAttribute("data-open", seq !== null || view === "connect");
  $("back").textContent = tab === "requests" ? "← All requests" : "← All messages";
  for (const link of document.querySelectorAll("[data-to]")) {
    if (link.dataset.to === tab) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  if (view === "controls") closedOrders.poke();
  showRows();
  showCalls();
  if (seq !== null) await showOne(view, seq);
  if (moved && seq !== null && phone.matches) $("open").focus();
  if (from !== null && seq === null && fromView === view) ((view === "requests" ? lines : items).get(from)?.querySelector("button") ?? $(view === "requests" ? "calls" : "list")).focus();
};
const showOne = async (view, seq) => {
  if (view === "messages" && seq === leaving) return;
  const known = view === "messages" ? rows.find((row) => row.seq === seq) : null;
  const name = `${view}/${seq}`;
  if (known && is.shown === name) { if (!document.hidden) markRead(seq); return; }
  const mine = () => is.view === view && is.seq === seq;
  try {
    const value = known ?? await get(name);
    if (!mine()) return;
    (view === "messages" ? showMessage : showRequest)(value);
    is.shown = name;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (!mine()) return;
    is.shown = null;
    fill(make("div", { class: "none" }, make("h2", { text: "It is not here" }), make("p", { id: "gone", text: error.message }),
      make("p", {}, make("a", { href: `#${view}`, text: `All ${view}` }))));
  }
};
// Where nothing in particular is asked for, a wide page shows the newest message, or how to begin.
const settle = () => {
  if (is.view === "connect" || (is.seq === null && !rows.length && !filtered())) {
    is.shown = null;
    showStart().catch(lost);
  } else if (is.seq === null && is.view === "messages" && rows.length && !phone.matches && !is.shown?.startsWith("messages/")) {
    is.shown = `messages/${rows[0].seq}`;
    showMessage(rows[0]);
    showRows();
  }
};
const back = () => {
  const list = `#${is.view === "connect" ? "messages" : is.view}`;
  if (history.state?.from === list) history.back(); else go(list);
};
addEventListener("popstate", () => show().catch(lost));
document.addEventListener("visibilitychange", () => { if (!document.hidden && is.view === "messages" && is.seq !== null) markRead(is.seq); });
$("back").addEventListener("click", back);
$("skip").addEventListener("click", (event) => { event.preventDefault(); ($("rows").querySelector("[tabindex='0']") ?? $("search")).focus(); });
