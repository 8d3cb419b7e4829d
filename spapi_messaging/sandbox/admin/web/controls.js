// State: between two looks the tokens grow here as they grow there.
let quotas = [], lookedAt = 0;
const gauges = new Map();
// People know an action by its path segment; only what is no action has an operation's name.
const ACTIONS = new Map([...$("throttle").elements.operation.options].map((option) => [option.value, option.textContent]));
const actionOf = (operation) => operation ? ACTIONS.get(operation) ?? operation : null;
const state = paced(400, async () => showState(await get("state")));
const showState = async (now) => {
  quotas = now.quotas;
  lookedAt = performance.now();
  const delay = Array.isArray(now.latency) ? now.latency.join("–") : now.latency || 0;
  $("facts").textContent = `${plural(now.messages, "message")} · ${plural(now.orders, "order")}${delay ? ` · ${delay} s delay` : ""}`;
  $("asked").textContent = now.tokens.asked ? `Asked for ${plural(now.tokens.asked, "time")}.` : "None was asked for yet.";
  $("unfail").disabled = !now.faults.length;
  arrange($("armed"), now.faults.slice(0, 20).map((fault) => make("li", {},
    make("span", { text: `${fault.hang ? "No answer" : fault.reset ? "Reset" : fault.status ?? "As it is"}${fault.after_accepting ? " after accepting" : ""}, ${actionOf(fault.operation) ?? "anything"}` }),
    make("span", { text: `${fault.left} left` }))));
  showQuotas();
  if (run !== null && run !== now.run) again.poke();
  if (run !== null) counted(now);
};
const gaugeOf = (quota) => {
  const key = JSON.stringify([quota.seller, quota.operation]), name = actionOf(quota.operation);
  if (!gauges.has(key)) {
    const gauge = { item: make("li", { class: "quota" }, make("b", {}, ...broken(name))), meter: make("meter", { min: 0, "aria-label": `Tokens left for ${name}` }), left: make("span"), plan: make("span", { class: "quiet" }), hit: make("span", { class: "hit" }) };
    gauge.item.append(gauge.left, gauge.meter, gauge.plan, gauge.hit);
    gauges.set(key, gauge);
  }
  return gauges.get(key);
};
const showQuotas = () => {
  const sellers = new Set(quotas.map((quota) => quota.seller)).size;
  const wanted = quotas.slice(0, 60).map((quota) => {
    const gauge = gaugeOf(quota), free = quota.rate == null || quota.burst == null;
    const tokens = free ? 1 : Math.max(0, Math.min(quota.burst, quota.tokens + (performance.now() - lookedAt) / 1000 * quota.rate));
    gauge.meter.hidden = free;
    if (!free) { [gauge.meter.max, gauge.meter.low, gauge.meter.high, gauge.meter.optimum] = [quota.burst, Math.min(1, quota.burst), quota.burst, quota.burst]; gauge.meter.value = tokens; }
    gauge.left.textContent = free ? "no limit" : `${tokens >= 10 ? figure(Math.floor(tokens)) : (Math.floor(tokens * 10) / 10).toFixed(1)} of ${figure(quota.burst)}`;
    gauge.plan.textContent = (free ? "" : `${figure(quota.rate)}/s, burst ${figure(quota.burst)}`) + (sellers > 1 ? ` · ${quota.seller}` : "");
    gauge.hit.textContent = quota.throttled ? `${figure(quota.throttled)} throttled` : "";
    return gauge.item;
  });
  arrange($("quotas"), wanted);
  $("unused").hidden = wanted.length > 0;
};
setInterval(() => { if (!document.hidden && quotas.length) showQuotas(); }, 500);

// The sandbox looks through all its orders for this, so it is asked when somebody looks, and seldom.
const closedOrders = paced(1000, async () => {
  const answer = await get("orders", { closed: true });
  const all = () => [...$("closed").querySelectorAll("button")], at = all().indexOf(document.activeElement);
  const stood = all()[at]?.getAttribute("aria-label");
  arrange($("closed"), answer.orders.map((order) => make("li", {}, make("code", { text: order.order_id }),
    make("button", { type: "button", "aria-label": `Open order ${order.order_id} again`, onclick: () => closing(order.order_id, false), text: "Open again" }))));
  // Who stands on an order stays on it; where it is gone, on the next one.
  if (at >= 0) (all().find((button) => button.getAttribute("aria-label") === stood) ?? all()[at] ?? all().at(-1) ?? $("closing").elements.order).focus();
  const rest = answer.total - answer.orders.length;
  $("all-open").hidden = answer.total > 0 && rest === 0;
  $("all-open").textContent = answer.total === 0 ? "No order is closed." : `and ${plural(rest, "more order")}`;
});
const closing = async (order, closed) => {
  if (await post("orders", { order_id: order, closed }, `Order ${order} is ${closed ? "closed" : "open again"}`)) closedOrders.poke();
};
addEventListener("focus", () => closedOrders.poke());

const onForm = (id, work) => $(id).addEventListener("submit", (event) => { event.preventDefault(); work(new FormData(event.target)); });
onForm("throttle", (form) => {
  const [operation, rate, burst] = [form.get("operation") || null, Number(form.get("rate")), Number(form.get("burst"))];
  post("quotas", { operation, rate, burst }, `${actionOf(operation) ?? "Everything"}: ${figure(rate)} per second, burst ${figure(burst)}`);
});
$("unlimited").addEventListener("click", () => {
  const operation = new FormData($("throttle")).get("operation") || null;
  post("quotas", { operation, rate: null, burst: null }, `No limit for ${actionOf(operation) ?? "anything"}`);
});
onForm("fail", (form) => {
  const how = form.get("how"), operation = form.get("operation") || null, times = Number(form.get("times"));
  const fault = { operation, times, after_accepting: form.get("after") !== null };
  if (how === "hang") fault.hang = true; else if (how === "reset") fault.reset = true; else fault.status = Number(how);
  post("faults", fault, `The next ${times === 1 ? "request fails" : `${times} requests fail`}: ${actionOf(operation) ?? "anything"}`);
});
$("unfail").addEventListener("click", () => post("faults/clear", {}, "No more faults to come"));
onForm("delay", (form) => post("latency", { seconds: Number(form.get("seconds")) }, `Every answer takes ${figure(form.get("seconds"))} s`));
onForm("closing", (form) => closing(form.get("order"), true));
for (const button of document.querySelectorAll("[data-token]")) {
  button.addEventListener("click", () => post("tokens", { do: button.dataset.token }, `All access tokens are ${button.dataset.token}d`));
}
$("reset").addEventListener("click", () => { $("sure").returnValue = "no"; $("sure").showModal(); });
$("sure").addEventListener("close", async () => {
  $("reset").focus();
  if ($("sure").returnValue === "yes" && await post("reset", {}, "The sandbox is as new")) { calls = []; showCalls(); requests.poke(); go("#messages"); }
});
