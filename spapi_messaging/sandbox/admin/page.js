"use strict";
// Whatever a client sent becomes text by textContent and never markup.
const API = "/__sandbox__/", PAGE = 50, MOST = 200;
const $ = (id) => document.getElementById(id);
const make = (tag, traits = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside.filter((item) => item !== null));
  return element;
};
// Leave what is already in place where it is: focus, scrolling and previews survive.
const arrange = (parent, wanted) => {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
};
const spoken = (name) => {
  const words = String(name).replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
const date = (at) => typeof at === "number" ? new Date(at * 1000) : new Date(at);
const clock = (at) => date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const figure = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 3 });
const bytes = (size) => size == null ? "size unknown" : size < 1000 ? `${size} bytes` : size < 1e6 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
const plural = (count, noun) => `${Number(count).toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
const wide = matchMedia("(min-width: 760px)");

const get = async (path, query = {}) => {
  const url = new URL(API + path, location.origin);
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== "") url.searchParams.set(name, value);
  const answer = await fetch(url, { headers: { "X-Sandbox": "1" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}`);
  return answer.json();
};
const post = async (path, body, told) => {
  try {
    const answer = await fetch(API + path, {
      method: "POST", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-Sandbox": "1" },
    });
    if (!answer.ok) throw new Error((await answer.json()).error);
    say(told);
    state.poke();
    return true;
  } catch (error) {
    say(`Not done: ${error.message}`, true);
    return false;
  }
};
let sayTimer = 0;
const say = (text, bad = false) => {
  $("toast").textContent = text;
  $("toast").classList.toggle("bad", bad);
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => { $("toast").textContent = ""; }, bad ? 9000 : 4000);
};
// Runs at once, then at most every `pause` ms; a poke while it runs makes it run again.
const paced = (pause, work) => {
  let busy = false, again = false;
  const run = async () => {
    if (busy) { again = true; return; }
    busy = true;
    do {
      again = false;
      try { await work(); if (source?.readyState === 1) linked("live", "Live"); } catch { lost(); }
      await new Promise((done) => setTimeout(done, pause));
    } while (again);
    busy = false;
  };
  return { poke: run };
};

// Messages: `rows` is a stretch of the newest, newest first, never more than MOST.
let rows = [], more = false, atTop = true, unseen = 0, era = 0;
let query = "", orderId = null, chosen = null, grouped = false;
const items = new Map(), fresh = new Set();
const asked = () => ({ query, order_id: orderId });

const reload = async () => {
  const mine = ++era;
  const answer = await get("messages", { ...asked(), limit: PAGE });
  if (mine !== era) return;
  rows = answer.messages;
  [more, atTop, unseen] = [answer.more, true, 0];
  showRows();
  $("messages").scrollTop = 0;
};
const messages = paced(200, async () => {
  const mine = era, top = rows.length ? rows[0].seq : null;
  if (top === null) {
    const before = rows.length;
    await reload();
    if (rows.length > before && !query && !orderId) arrived(rows);
    return;
  }
  const answer = await get("messages", { ...asked(), after: top, limit: PAGE });
  if (mine !== era) return;
  const known = new Set(rows.map((row) => row.seq));
  const news = answer.messages.filter((row) => !known.has(row.seq));
  if (!news.length) return;
  if (!atTop) { unseen = answer.more ? `${PAGE}+` : news.length; showRows(); return; }
  arrived(news);
  if (answer.more) { await reload(); return; }
  rows = [...news, ...rows];
  if (rows.length > MOST) { rows.length = MOST; more = true; }
  showRows();
});
const older = async () => {
  const mine = era;
  if (!rows.length) return;
  const answer = await get("messages", { ...asked(), before: rows.at(-1).seq, limit: PAGE });
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
const arrived = (news) => {
  for (const row of news) { if (row.seq !== chosen?.seq) fresh.add(row.seq); rowOf(row).firstChild.classList.add("just"); }
  const last = news[0];
  $("heard").textContent = news.length > 1 ? `${news.length} new messages` : `New message: ${spoken(last.action)}, order ${last.order_id}`;
};
const rowOf = (row) => {
  let item = items.get(row.seq);
  if (item) return item;
  const files = row.attachments?.length || 0;
  item = make("li", {}, make("button", { type: "button", class: "row", tabindex: "-1", onclick: () => choose(row, true), onanimationend: (event) => event.currentTarget.classList.remove("just") },
    make("span", { class: "act", text: spoken(row.action) }),
    make("time", { class: "when", datetime: row.at, text: clock(row.at) }),
    make("span", { class: "sub" },
      make("span", { class: "mono", text: row.order_id }),
      row.locale ? make("span", { text: row.locale }) : null,
      files ? make("span", { text: plural(files, "file") }) : null),
    make("span", { class: "snip", dir: "auto", text: (row.text || "").slice(0, 160) })));
  item.firstChild.dataset.seq = row.seq;
  items.set(row.seq, item);
  return item;
};
const showRows = () => {
  const live = new Set(rows.map((row) => row.seq));
  for (const seq of items.keys()) if (!live.has(seq)) items.delete(seq);
  let wanted = [];
  if (grouped) {
    const orders = new Map();
    for (const row of rows) orders.set(row.order_id, [...(orders.get(row.order_id) || []), row]);
    for (const [order, own] of orders) {
      wanted.push(make("li", { class: "group" }, make("span", { text: `Order ${order} · ${plural(own.length, "message")}` })), ...own.map(rowOf));
    }
  } else wanted = rows.map(rowOf);
  arrange($("rows"), wanted);
  const current = live.has(chosen?.seq) ? chosen.seq : rows[0]?.seq;
  for (const row of rows) {
    const button = items.get(row.seq).firstChild;
    button.tabIndex = row.seq === current ? 0 : -1;
    if (row.seq === chosen?.seq) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    button.classList.toggle("fresh", fresh.has(row.seq));
  }
  $("more").hidden = !more;
  $("newer").hidden = atTop;
  $("newer-text").textContent = unseen ? `${unseen} new` : "Newer messages are above";
  $("chip").hidden = orderId === null;
  $("chip-order").textContent = orderId ?? "";
  const filtered = query || orderId;
  $("nothing").hidden = rows.length > 0;
  $("nothing").textContent = filtered ? "No message matches." : "No messages yet.";
  if (!rows.length && !filtered) { chosen = null; delete document.body.dataset.open; }
  if (rows.length && !chosen && wide.matches) choose(rows[0], false);
  else if (!chosen) welcome();
  document.body.classList.toggle("blank", !rows.length && !filtered);
};
const welcome = () => {
  if ($("environment")) return;
  $("open").replaceChildren($("welcome").content.cloneNode(true));
  const lines = $("environment");
  lines.textContent = lines.textContent.replaceAll("{origin}", location.origin);
  $("copy").addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(lines.textContent); say("Copied"); } catch { getSelection().selectAllChildren(lines); }
  });
};
const choose = (row, byHand) => {
  chosen = row;
  fresh.delete(row.seq);
  showRows();
  if (byHand) document.body.dataset.open = "";
  const link = (file) => { const url = new URL(file.url, location.origin); return url.origin === location.origin ? url.href : null; };
  const facts = [
    ["Order", row.order_id, "mono"], ["Action", row.action], ["Operation", row.operation], ["Buyer’s locale", row.locale || "—"],
    ["Received", date(row.at).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" })],
    ["Seller", row.seller || "—", "mono"], ["Request id", row.request_id, "mono"],
    ...(row.notes || []).map((note) => ["Note", note]),
  ];
  const files = (row.attachments || []).map((file) => fileOf(file, file.url ? link(file) : null));
  $("open").replaceChildren(make("article", { class: "paper", "aria-labelledby": "title" },
    make("header", {}, make("h2", { id: "title", text: spoken(row.action) }),
      make("button", { type: "button", onclick: () => filter(row.order_id), text: "Only this order" })),
    row.text === null || row.text === undefined ? make("p", { class: "quiet", text: "This message has no text." })
      : make("div", { class: "letter", dir: "auto", lang: row.locale, id: "text", text: row.text }),
    files.length ? make("div", {}, make("h3", { text: plural(files.length, "attachment") }), make("ul", { class: "files" }, ...files)) : null,
    make("dl", { class: "facts-list" }, ...facts.map(([name, value, style]) =>
      make("div", {}, make("dt", { text: name }), make("dd", { class: style, text: value })))),
    make("details", {}, make("summary", { text: "Body as it was sent" }), make("pre", { tabindex: "0", "aria-label": "Body as it was sent", text: JSON.stringify(row.body, null, 2) }))));
  $("open").scrollTop = 0;
};
const fileOf = (file, url) => {
  const type = String(file.content_type || "").split(";")[0].trim().toLowerCase();
  const image = /^image\/(png|jpeg|gif)$/.test(type), pdf = type === "application/pdf";
  const shown = make("div", { class: "shown", hidden: true });
  const open = () => {
    const closed = shown.hidden;
    shown.hidden = !closed;
    shown.replaceChildren(...(closed ? [image ? make("img", { src: url, alt: file.name }) : make("iframe", { src: url, title: file.name })] : []));
    button.textContent = closed ? "Hide" : "Show";
    button.setAttribute("aria-expanded", String(closed));
  };
  const button = make("button", { type: "button", "aria-expanded": "false", "aria-label": `Show or hide ${file.name}`, onclick: open, text: "Show" });
  const seen = url && (image || pdf);
  const item = make("li", { class: "file" }, make("div", {}, make("b", { text: file.name }),
    make("span", { class: "quiet", text: `${type || "unknown type"} · ${bytes(file.size)}` }),
    make("span", { class: "opens" }, seen ? button : null,
      url ? make("a", { href: url, target: "_blank", rel: "noopener noreferrer", "aria-label": `Open ${file.name} in a new tab`, text: "Open" })
        : make("span", { class: "quiet", text: "no longer kept" }))), shown);
  if (url && image) open();
  return item;
};
const filter = (order) => { orderId = order; delete document.body.dataset.open; reload().catch(lost); };
const move = (step) => {
  const buttons = [...$("rows").querySelectorAll(".row")];
  if (!buttons.length) return;
  const at = buttons.indexOf(document.activeElement);
  const from = at >= 0 ? at : buttons.findIndex((button) => Number(button.dataset.seq) === chosen?.seq);
  const to = buttons[Math.max(0, Math.min(buttons.length - 1, from < 0 ? 0 : from + step))];
  choose(rows.find((row) => row.seq === Number(to.dataset.seq)), false);
  to.focus();
  to.scrollIntoView({ block: "nearest" });
};

// Requests
let calls = [];
const lines = new Map();
const meaning = (status) => status == null ? ["–", "no answer", ""] : status === 429 ? [429, "throttled", "warn"]
  : status < 300 ? [status, "ok", "good"] : status < 400 ? [status, "redirect", "warn"] : status < 500 ? [status, "refused", "warn"] : [status, "failed", "bad"];
const notesOf = (item) => (item.notes || []).map((note) => make("span", { class: "note-line quiet", text: note }));
const lineOf = (call) => {
  const [code, word, style] = meaning(call.status);
  const cell = (name, ...inside) => make("td", { role: "cell", class: name }, ...inside);
  return make("tr", { role: "row" }, cell("wait quiet", make("time", { text: clock(call.at) })),
    cell("st", make("span", { class: `status ${style}`, text: `${code} ${word}` })), cell("me", call.method),
    cell("op", make("span", { text: call.operation || call.path, title: call.path }), ...notesOf(call)), cell("or mono", call.order_id || ""), cell("id mono", call.request_id || ""));
};
const requests = paced(400, async () => {
  const answer = await get("requests", { limit: 100 });
  const known = new Map(calls.map((call) => [call.seq, call]));
  const newest = answer.requests, oldest = newest.at(-1)?.seq ?? Infinity;
  // Statuses come after their requests, so the newest page is always taken anew.
  for (const call of newest) if (known.has(call.seq) && known.get(call.seq).status !== call.status) lines.delete(call.seq);
  const gap = newest.length && !known.has(oldest) && calls.some((call) => call.seq < oldest - 1);
  calls = [...newest, ...(gap || !newest.length ? [] : calls.filter((call) => call.seq < oldest))].slice(0, MOST);
  const live = new Set(calls.map((call) => call.seq));
  for (const seq of lines.keys()) if (!live.has(seq)) lines.delete(seq);
  for (const call of calls) if (!lines.has(call.seq)) lines.set(call.seq, lineOf(call));
  arrange($("log"), calls.map((call) => lines.get(call.seq)));
  $("quiet").hidden = calls.length > 0;
});

// State: between two looks the tokens grow here as they grow there.
let quotas = [], lookedAt = 0;
const gauges = new Map();
const state = paced(400, async () => showState(await get("state")));
const showState = async (now) => {
  quotas = now.quotas;
  lookedAt = performance.now();
  const delay = Array.isArray(now.latency) ? now.latency.join("–") : now.latency || 0;
  $("facts").textContent = `${plural(now.messages, "message")} · ${plural(now.orders, "order")}${delay ? ` · ${delay} s delay` : ""}`;
  $("asked").textContent = `Asked for ${plural(now.tokens?.asked ?? 0, "time")}.`;
  $("unfail").disabled = !now.faults.length;
  arrange($("armed"), now.faults.slice(0, 20).map((fault) => make("li", {},
    make("span", { text: `${fault.hang ? "No answer" : fault.reset ? "Reset" : fault.status ?? "As it is"}${fault.after_accepting ? " after accepting" : ""}, ${fault.operation || "any operation"}` }),
    make("span", { text: `${fault.left} left` }))));
  showQuotas();
  if (now.messages < rows.length) await reload();
};
const showQuotas = () => {
  const sellers = new Set(quotas.map((quota) => quota.seller)).size;
  const wanted = quotas.slice(0, 60).map((quota) => {
    const key = JSON.stringify([quota.seller, quota.operation]);
    let gauge = gauges.get(key);
    if (!gauge) {
      const name = make("b", { text: quota.operation, title: quota.operation });
      gauge = { item: make("li", { class: "quota" }, name), meter: make("meter", { min: 0, "aria-label": `Tokens left for ${quota.operation}` }), left: make("span"), plan: make("span", { class: "quiet" }), hit: make("span", { class: "hit" }) };
      gauge.item.append(gauge.left, gauge.meter, gauge.plan, gauge.hit);
      gauges.set(key, gauge);
    }
    const free = quota.rate == null || quota.burst == null;
    const tokens = free ? 1 : Math.max(0, Math.min(quota.burst, quota.tokens + (performance.now() - lookedAt) / 1000 * quota.rate));
    gauge.meter.hidden = free;
    if (!free) { [gauge.meter.max, gauge.meter.low, gauge.meter.high, gauge.meter.optimum] = [quota.burst, Math.min(1, quota.burst), quota.burst, quota.burst]; gauge.meter.value = tokens; }
    gauge.left.textContent = free ? "no limit" : `${tokens >= 10 ? Math.floor(tokens) : (Math.floor(tokens * 10) / 10).toFixed(1)} of ${quota.burst}`;
    gauge.plan.textContent = (free ? "" : `${figure(quota.rate)}/s, burst ${quota.burst}`) + (sellers > 1 ? ` · ${quota.seller}` : "");
    gauge.hit.textContent = quota.throttled ? `${figure(quota.throttled)} throttled` : "";
    return gauge.item;
  });
  arrange($("quotas"), wanted);
  $("unused").hidden = wanted.length > 0;
};
setInterval(() => { if (!document.hidden && quotas.length) showQuotas(); }, 500);

// Live: an event only says that there is something to look at, so a lost one costs nothing.
let source = null, retry = 500;
const linked = (is, text) => { if ($("link").dataset.is !== is) { $("link").dataset.is = is; $("link").textContent = text; } };
const lost = () => {
  linked("lost", "Reconnecting…");
  if (source && source.readyState !== EventSource.CLOSED) return;
  source = null;
  setTimeout(connect, retry);
  retry = Math.min(retry * 2, 8000);
};
const connect = () => {
  if (source) return;
  source = new EventSource(API + "events");
  source.onopen = () => {
    // Behind a broken connection there may be another sandbox by now.
    if ($("link").dataset.is === "lost") reload().catch(lost); else messages.poke();
    linked("live", "Live");
    retry = 500;
    requests.poke();
    state.poke();
  };
  source.onerror = lost;
  source.addEventListener("message", messages.poke);
  source.addEventListener("request", requests.poke);
  source.addEventListener("state", (event) => showState(JSON.parse(event.data)).catch(lost));
};

// Controls
const onForm = (id, work) => $(id).addEventListener("submit", (event) => { event.preventDefault(); work(new FormData(event.target)); });
const named = (operation) => operation || "all operations";
onForm("throttle", (form) => {
  const [operation, rate, burst] = [form.get("operation") || null, Number(form.get("rate")), Number(form.get("burst"))];
  post("quotas", { operation, rate, burst }, `${spoken(named(operation))}: ${figure(rate)} per second, burst ${burst}`);
});
$("unlimited").addEventListener("click", () => {
  const operation = new FormData($("throttle")).get("operation") || null;
  post("quotas", { operation, rate: null, burst: null }, `No limit for ${named(operation)}`);
});
onForm("fail", (form) => {
  const how = form.get("how"), operation = form.get("operation") || null, times = Number(form.get("times"));
  const fault = { operation, times, after_accepting: form.get("after") !== null };
  if (how === "hang") fault.hang = true; else if (how === "reset") fault.reset = true; else fault.status = Number(how);
  post("faults", fault, `The next ${times === 1 ? "request fails" : `${times} requests fail`}: ${operation || "any operation"}`);
});
$("unfail").addEventListener("click", () => post("faults/clear", {}, "No more faults to come"));
onForm("delay", (form) => post("latency", { seconds: Number(form.get("seconds")) }, `Every answer takes ${figure(form.get("seconds"))} s`));
onForm("closing", (form) => post("orders", { order_id: form.get("order"), closed: true }, `Order ${form.get("order")} is closed`));
$("reopen").addEventListener("click", () => {
  const field = $("closing").elements.order;
  if (field.reportValidity()) post("orders", { order_id: field.value, closed: false }, `Order ${field.value} is open again`);
});
for (const button of document.querySelectorAll("[data-token]")) {
  button.addEventListener("click", () => post("tokens", { do: button.dataset.token }, `All access tokens are ${button.dataset.token}d`));
}
$("reset").addEventListener("click", () => { $("sure").returnValue = "no"; $("sure").showModal(); });
$("sure").addEventListener("close", async () => {
  $("reset").focus();
  if ($("sure").returnValue !== "yes") return;
  if (await post("reset", {}, "The sandbox is as new")) { chosen = null; calls = []; fresh.clear(); await reload(); requests.poke(); }
});
for (const button of document.querySelectorAll("[data-to]")) {
  button.addEventListener("click", () => {
    document.body.dataset.view = button.dataset.to;
    for (const other of document.querySelectorAll("[data-to]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "page");
  });
}
let typing = 0;
$("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => { query = $("search").value.trim(); reload().catch(lost); }, 200);
});
$("find").addEventListener("submit", (event) => event.preventDefault());
$("grouped").addEventListener("click", () => { grouped = !grouped; $("grouped").setAttribute("aria-pressed", String(grouped)); showRows(); });
$("unfilter").addEventListener("click", () => { filter(null); $("search").focus(); });
$("older").addEventListener("click", () => older().catch(lost));
$("newest").addEventListener("click", () => reload().catch(lost));
const back = () => {
  delete document.body.dataset.open;
  (items.get(chosen?.seq)?.firstChild ?? $("search")).focus();
};
$("back").addEventListener("click", back);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("sure").open) return;
  const inField = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && event.target === $("search")) { $("search").blur(); return; }
  if (inField && !(event.target === $("search") && event.key === "ArrowDown")) return;
  const inList = event.target === $("search") || event.target === document.body || event.target.closest(".list");
  if (event.key === "/") $("search").focus();
  else if (event.key === "j" || (event.key === "ArrowDown" && inList)) move(1);
  else if (event.key === "k" || (event.key === "ArrowUp" && inList)) move(-1);
  else if (event.key === "Escape" && "open" in document.body.dataset) back();
  else return;
  event.preventDefault();
});
connect();
