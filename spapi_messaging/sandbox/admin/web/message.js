// One message, as its buyer would have received it.
const showMessage = (row) => {
  const link = (file) => { const url = new URL(file.url, location.origin); return url.origin === location.origin ? url.href : null; };
  const files = (row.attachments || []).map((file) => fileOf(file, file.url ? link(file) : null));
  fill(make("article", { class: "paper", "aria-labelledby": "title" },
    make("header", {}, make("h2", { id: "title" }, ...broken(row.action)),
      make("div", { class: "acts" },
        make("button", { type: "button", onclick: () => filter(row.order_id), text: "Only this order" }),
        make("button", { type: "button", id: "delete", "aria-keyshortcuts": "Delete", onclick: () => remove(row), text: "Delete" }))),
    make("div", { class: "body" },
      row.text === null || row.text === undefined ? make("p", { class: "quiet", text: "This message has no text." })
        : make("div", { class: "letter", dir: "auto", lang: row.locale, id: "text", text: row.text }),
      files.length ? make("div", {}, make("h3", { text: plural(files.length, "attachment") }), make("ul", { class: "files" }, ...files)) : null,
      make("details", {}, make("summary", { text: "The whole body" }), make("pre", { tabindex: "0", "aria-label": "The whole body", text: JSON.stringify(row.body, null, 2) }))),
    factsOf(
      ["Order", row.order_id, "mono"], ["Buyer’s locale", row.locale || "—"], ["Received", moment(row.at)],
      ["Seller", row.seller || "—", "mono"],
      ["Came with", make("a", { href: `#request/${row.request}`, text: `request ${row.request}` })],
      ["Request id", row.request_id, "mono"],
      ...(row.notes || []).map((note) => ["Note", note]))));
  if (!document.hidden) markRead(row.seq);
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
// A message that is being deleted is not asked for again: the list is told of it before its page is left.
let leaving = null;
const remove = async (row) => {
  const at = rows.findIndex((other) => other.seq === row.seq);
  const next = at < 0 ? null : rows[at + 1] ?? rows[at - 1] ?? null;
  const restore = async () => { if (await post("messages/restore", { seq: row.seq }, "The message is back")) go(`#message/${row.seq}`); };
  leaving = row.seq;
  if (!await post("messages/delete", { seq: row.seq }, "Deleted from this inbox", restore)) { leaving = null; return; }
  markRead(row.seq);
  rows = rows.filter((other) => other.seq !== row.seq);
  if (is.shown === `messages/${row.seq}`) is.shown = null;
  go(next && !phone.matches ? `#message/${next.seq}` : "#messages", true);
  leaving = null;
  showRows();
  if (next) items.get(next.seq)?.firstChild.focus();
};
