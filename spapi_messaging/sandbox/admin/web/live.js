// Live: an event only says that there is something to look at, so a lost one costs nothing.
let source = null, retry = 500, answered = new Date();
const linked = (to, text) => { if ($("link").dataset.is !== to || $("link").textContent !== text) { $("link").dataset.is = to; $("link").textContent = text; } };
// A phone shows what is open instead of the list, so that it is told in both places.
const silent = (words) => {
  for (const note of [$("gone-silent"), $("open-silent")]) {
    note.hidden = words === null;
    note.textContent = words ?? "";
  }
};
const found = () => {
  answered = new Date();
  linked("live", "Live");
  silent(null);
};
const lost = (error) => {
  if (error instanceof Refused) { say(error.message, { bad: true }); return; }
  if (error instanceof Error && !(error instanceof Away)) { reportError(error); return; }
  linked("lost", "Connection lost, trying again…");
  silent(`The sandbox does not answer: it was stopped, or its port is another one now. What is shown is as it was at ${whenOf(answered)}.`);
  if (source && source.readyState !== EventSource.CLOSED) return;
  source = null;
  setTimeout(connect, retry);
  retry = Math.min(retry * 2, 8000);
};
const connect = () => {
  if (source) return;
  source = new EventSource(API + "events");
  source.onopen = () => {
    const anew = $("link").dataset.is === "lost";
    found();
    retry = 500;
    if (anew) again.poke(); else messages.poke();
    requests.poke();
    state.poke();
    closedOrders.poke();
  };
  source.onerror = lost;
  source.addEventListener("message", (event) => { newest = Math.max(newest, JSON.parse(event.data).seq); showUnread(); messages.poke(); });
  source.addEventListener("request", requests.poke);
  source.addEventListener("changed", () => { again.poke(); requests.poke(); });
  source.addEventListener("state", (event) => showState(JSON.parse(event.data)).catch(lost));
};
show().catch(lost);
connect();
