// Messages: `rows` is a stretch of the newest, newest first, never more than MOST.
let rows = [], more = false, atTop = true, unseen = 0, era = 0, announced = null;
let query = "", onlyUnread = false, orderId = null, grouped = false;
const items = new Map();
// What the sandbox would refuse is said here, in the place of what would have been found.
const MAX_WORDS = 30;
let refused = "";

// Unread is what came after this page was loaded and was not opened in it: `start` is the newest then.
let start = null, newest = 0, run = null;
const opened = new Set();
const isUnread = (seq) => start !== null && seq > start && !opened.has(seq);
const countUnread = () => start === null ? 0 : Math.max(0, newest - start - opened.size);
const showUnread = () => {
  const count = countUnread(), short = count > 999 ? "999+" : String(count);
  document.title = count ? `(${short}) Sandbox inbox` : "Sandbox inbox";
  $("unread").hidden = $("some-unread").hidden = count === 0;
  $("unread").textContent = short;
  $("unread-text").textContent = `${Number(count).toLocaleString("en")} unread`;
};
const markRead = (seq) => { if (isUnread(seq)) { opened.add(seq); showRows(); } };
const readAll = () => { start = newest; opened.clear(); showRows(); };
// What was deleted elsewhere was not opened here, and yet is unread no more.
const forgetDeleted = async () => {
  if (countUnread() === 0) return;
  const answer = await get("messages", { after: start, limit: MOST });
  if (answer.more) return;
  const there = new Set(answer.messages.map((row) => row.seq));
  for (let seq = start + 1; seq <= newest; seq += 1) if (!there.has(seq)) opened.add(seq);
  showUnread();
};
const counted = (now) => {
  // Behind a broken connection there may be another sandbox by now.
  if (run !== now.run) { [run, start, newest, announced] = [now.run, now.newest, now.newest, now.newest]; opened.clear(); }
  newest = Math.max(newest, now.newest);
  if (now.messages === 0) start = Math.max(start, now.newest);
  for (const seq of opened) if (seq <= start) opened.delete(seq);
  showUnread();
};

const understand = (text) => {
  const words = [...text.matchAll(/(?:[a-z]+:)?(?:"[^"]*"?|\S+)/gi)].map((match) => match[0]);
  onlyUnread = words.some((word) => word.toLowerCase() === "is:unread");
  const asked = words.filter((word) => word.toLowerCase() !== "is:unread");
  query = asked.join(" ");
  refused = asked.length > MAX_WORDS ? `A search takes at most ${MAX_WORDS} words, and this one has ${figure(asked.length)}. Leave some out.` : "";
};
const filtered = () => query !== "" || onlyUnread || orderId !== null;
const page = async ({ before = null, after = 0 }) => {
  if (refused) return { messages: [], more: false };
  const found = [], from = onlyUnread ? Math.max(after, start ?? 0) : after;
  let rest = true;
  while (rest && found.length < PAGE) {
    const answer = await get("messages", { query, order_id: orderId, before, after: from || null, limit: PAGE });
    found.push(...answer.messages.filter((row) => !onlyUnread || isUnread(row.seq)));
    rest = answer.more;
    before = answer.messages.at(-1)?.seq ?? null;
  }
  return { messages: found, more: rest };
};
const reload = async () => {
  const mine = ++era;
  if (start === null) counted(await get("state"));
  const answer = await page({});
  if (mine !== era) return;
  rows = answer.messages;
  [more, atTop, unseen] = [answer.more, true, 0];
  showRows();
  arrived(rows);
  $("list").scrollTop = 0;
};
const messages = paced(200, async () => {
  if (!rows.length) { await reload(); return; }
  const mine = era, answer = await page({ after: rows[0].seq });
  if (mine !== era) return;
  const known = new Set(rows.map((row) => row.seq));
  const news = answer.messages.filter((row) => !known.has(row.seq));
  if (!news.length) return;
  if (!atTop) { unseen = answer.more ? `${PAGE}+` : news.length; showRows(); return; }
  if (answer.more) { await reload(); return; }
  rows = [...news, ...rows];
  if (rows.length > MOST) { rows.length = MOST; more = true; }
  showRows();
  arrived(news);
});
// Deleted, restored or forgotten: the same stretch again, without a jump.
const again = paced(200, async () => {
  const mine = ++era;
  await forgetDeleted();
  const answer = refused ? await page({}) : await get("messages", { query, order_id: orderId, limit: MOST });
  if (mine !== era) return;
  if (atTop && !onlyUnread) { rows = answer.messages.slice(0, Math.max(PAGE, rows.length)); more = answer.more || answer.messages.length > rows.length; }
  else if (!answer.more) { const there = new Set(answer.messages.map((row) => row.seq)); rows = rows.filter((row) => there.has(row.seq)); }
  if (is.seq === null && is.shown && is.shown !== `messages/${leaving}`) await get(is.shown).catch((error) => { if (error instanceof Refused) is.shown = null; else throw error; });
  showRows();
  await show();
});
const older = async () => {
  const mine = era;
  if (!rows.length) return;
  const answer = await page({ before: rows.at(-1).seq });
  if (mine !== era) return;
  rows = [...rows, ...answer.messages];
  more = answer.more;
  if (rows.length > MOST) {
    rows = rows.slice(rows.length - MOST);
    atTop = false;
  }
  showRows();
  items.get(answer.messages[0]?.seq)?.firstChild.focus();
};
const arrived = (shown) => {
  const news = shown.filter((row) => row.seq > announced);
  if (!news.length) return;
  announced = news[0].seq;
  newest = Math.max(newest, announced);
  for (const row of news) items.get(row.seq)?.firstChild.classList.add("just");
  $("heard").textContent = news.length > 1 ? `${news.length} new messages` : `New message: ${news[0].action}, order ${news[0].order_id}`;
  showRows();
  // What was not here when it was asked for may have come.
  if (is.view === "messages" && is.seq !== null && is.shown === null && news.some((row) => row.seq === is.seq)) show().catch(lost);
};
const rowOf = (row) => {
  let item = items.get(row.seq);
  if (item) return item;
  const files = row.attachments?.length || 0;
  item = make("li", {}, make("button", { type: "button", class: "row", tabindex: "-1", onclick: () => go(`#message/${row.seq}`), onanimationend: (event) => event.currentTarget.classList.remove("just") },
    make("span", { class: "act" }, make("span", { class: "away new", text: "Unread: " }), ...broken(row.action)),
    timeOf(row.at, "when"),
    make("span", { class: "sub" },
      make("span", { class: "mono", text: row.order_id }),
      row.locale ? make("span", { text: row.locale }) : null,
      files ? make("span", { text: plural(files, "file") }) : null),
    make("span", { class: "snip", dir: "auto", text: (row.text || "").slice(0, 160) })));
  item.firstChild.dataset.seq = row.seq;
  items.set(row.seq, item);
  return item;
};
const grouping = () => {
  const orders = new Map();
  for (const row of rows) orders.set(row.order_id, [...(orders.get(row.order_id) || []), row]);
  return [...orders].flatMap(([order, own]) => [
    make("li", { class: "group" }, make("span", { text: `Order ${order} · ${plural(own.length, "message")}` })), ...own.map(rowOf)]);
};
const showRows = () => {
  const live = new Set(rows.map((row) => row.seq));
  for (const seq of items.keys()) if (!live.has(seq)) items.delete(seq);
  arrange($("rows"), grouped ? grouping() : rows.map(rowOf));
  const current = openSeq("messages");
  const tabbed = live.has(current) ? current : rows[0]?.seq;
  for (const row of rows) {
    const button = items.get(row.seq).firstChild;
    button.tabIndex = row.seq === tabbed ? 0 : -1;
    if (row.seq === current) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    button.classList.toggle("fresh", isUnread(row.seq));
    button.querySelector(".new").hidden = !isUnread(row.seq);
  }
  $("more").hidden = !more;
  $("newer").hidden = atTop;
  $("newer-text").textContent = unseen ? `${unseen} new` : "Newer messages are above";
  $("chip").hidden = orderId === null;
  $("chip-order").textContent = orderId ?? "";
  showNothing();
  showUnread();
  settle();
};
const showNothing = () => {
  const typed = $("search").value.trim();
  $("nothing").hidden = rows.length > 0;
  $("unsearch").hidden = typed === "";
  $("nothing-text").textContent = refused ? refused : !filtered() ? "No messages yet." : onlyUnread && !query && !orderId ? "Nothing is unread."
    : `No message ${orderId ? `to order ${orderId} ` : ""}matches${typed ? ` “${typed}”` : ""}.`;
  document.body.classList.toggle("blank", !rows.length && !filtered());
};
const filter = (order) => { orderId = order; go("#messages"); reload().catch(lost); };
const searching = (text) => { understand(text); reload().catch(lost); };

let typing = 0;
$("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => searching($("search").value), 200);
});
$("unsearch").addEventListener("click", () => { $("search").value = ""; searching(""); $("search").focus(); });
$("find").addEventListener("submit", (event) => event.preventDefault());
$("grouped").addEventListener("click", () => { grouped = !grouped; $("grouped").setAttribute("aria-pressed", String(grouped)); showRows(); });
$("unfilter").addEventListener("click", () => { filter(null); $("search").focus(); });
$("read-all").addEventListener("click", () => { readAll(); $("search").focus(); });
$("older").addEventListener("click", () => older().catch(lost));
$("newest").addEventListener("click", () => reload().catch(lost));
