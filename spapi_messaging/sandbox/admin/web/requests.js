// Requests: what was asked and answered.
let calls = [];
const lines = new Map();
const meaning = (status) => status == null ? ["–", "no answer", ""] : status === 429 ? [429, "throttled", "warn"]
  : status < 300 ? [status, "ok", "good"] : status < 400 ? [status, "redirect", "warn"] : status < 500 ? [status, "refused", "warn"] : [status, "failed", "bad"];
const statusOf = (call) => { const [code, word, style] = meaning(call.status); return make("span", { class: `status ${style}`, text: `${code} ${word}` }); };
const named = (call) => call.operation === "unknown" ? call.path : actionOf(call.operation);
const lineOf = (call) => {
  const cell = (name, ...inside) => make("td", { role: "cell", class: name }, ...inside);
  const button = make("button", { type: "button", class: "call", tabindex: "-1", "aria-label": `${call.method} ${named(call)}, ${meaning(call.status).slice(0, 2).join(" ")}`, onclick: () => go(`#request/${call.seq}`) }, ...broken(named(call)));
  button.dataset.seq = call.seq;
  return make("tr", { role: "row" }, cell("wait quiet", timeOf(call.at)),
    cell("st", statusOf(call)), cell("me", call.method),
    cell("op", button, ...(call.notes || []).map((note) => make("span", { class: "note-line quiet", text: note }))),
    cell("or mono", call.order_id || ""), cell("took end quiet", lasted(call.took)));
};
const requests = paced(400, async () => {
  const answer = await get("requests", { limit: 100 });
  const known = new Map(calls.map((call) => [call.seq, call]));
  const newest = answer.requests, oldest = newest.at(-1)?.seq ?? Infinity;
  // Statuses come after their requests, so the newest page is always taken anew.
  for (const call of newest) if (known.has(call.seq) && known.get(call.seq).status !== call.status) lines.delete(call.seq);
  const gap = newest.length && !known.has(oldest) && calls.some((call) => call.seq < oldest - 1);
  calls = [...newest, ...(gap || !newest.length ? [] : calls.filter((call) => call.seq < oldest))].slice(0, MOST);
  showCalls();
});
const showCalls = () => {
  const live = new Set(calls.map((call) => call.seq));
  for (const seq of lines.keys()) if (!live.has(seq)) lines.delete(seq);
  for (const call of calls) if (!lines.has(call.seq)) lines.set(call.seq, lineOf(call));
  arrange($("log"), calls.map((call) => lines.get(call.seq)));
  const current = openSeq("requests");
  const tabbed = live.has(current) ? current : calls[0]?.seq;
  for (const [seq, line] of lines) {
    const button = line.querySelector(".call");
    button.tabIndex = seq === tabbed ? 0 : -1;
    if (seq === current) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
  }
  $("quiet").hidden = calls.length > 0;
};
// Only blanks are put between the tokens of JSON, also of one that was cut: the rest is what was sent.
const DEEPEST = 40;
const pretty = (text) => {
  if (!/^\s*[{[]/.test(text)) return text;
  const tokens = text.match(/"(?:[^"\\]|\\[\s\S]?)*"?|[{}[\],:]|[^\s"{}[\],:]+/g) || [];
  let depth = 0, before = "", out = "";
  const line = () => `\n${"  ".repeat(Math.max(0, Math.min(depth, DEEPEST)))}`;
  for (const token of tokens) {
    if (token === "}" || token === "]") { depth -= 1; out += before === "{" || before === "[" ? token : line() + token; }
    else {
      if (before === "{" || before === "[" || before === ",") out += line();
      out += token === ":" ? ": " : token;
      if (token === "{" || token === "[") depth += 1;
    }
    before = token;
  }
  return out;
};
const bodyOf = (name, body) => make("section", {}, make("h3", { text: name }), make("p", { class: "quiet", text:
  body.size ? `${bytes(body.size)}${body.type ? ` · ${body.type}` : ""}${body.cut ? " · the beginning of it" : ""}${body.why ? `. ${body.why}` : ""}` : "None." }),
body.text === null ? null : make("pre", { tabindex: "0", "aria-label": name, text: pretty(body.text) }));
const pairsOf = (name, pairs) => pairs.length ? make("details", { open: pairs.length < 4 }, make("summary", { text: `${name} (${pairs.length})` }),
  make("dl", { class: "pairs" }, ...pairs.map((pair) => make("div", {}, make("dt", { class: "mono", text: pair.name }), make("dd", { class: "mono", text: pair.value }))))) : null;
const showRequest = (call) => fill(make("article", { class: "paper", "aria-labelledby": "title" },
  make("header", {}, make("h2", { id: "title" }, ...broken(named(call))), statusOf(call),
    call.reason ? make("p", { class: `reason ${meaning(call.status)[2]}`, id: "reason", text: call.reason }) : null),
  factsOf(
    ["Message", call.message === null ? "none" : make("a", { href: `#message/${call.message}`, text: `message ${call.message}` })],
    ["Order", call.order_id || "—", "mono"], ["Took", lasted(call.took) || "—"],
    ["Received", call.at ? moment(call.at) : "—"], ["Seller", call.seller || "—", "mono"], ["Request id", call.request_id, "mono"]),
  make("div", { class: "body" },
    make("p", { class: "path mono", text: `${call.method} ${call.path}` }),
    ...(call.notes || []).map((note) => make("p", { class: "quiet", text: `Unusual: ${note}` })),
    bodyOf("Body", call.body), bodyOf("Answer", call.answer),
    pairsOf("Query", call.query), pairsOf("Headers", call.headers))));
