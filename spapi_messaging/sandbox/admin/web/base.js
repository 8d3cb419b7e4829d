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
const date = (at) => typeof at === "number" ? new Date(at * 1000) : new Date(at);
const clock = (at) => date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const moment = (at) => date(at).toLocaleString([], { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" });
// A time in a list: of another day it says which, so that nothing of yesterday looks like today's.
const DAY = { day: "numeric", month: "short" };
const whenOf = (at, now = new Date()) => {
  const then = date(at);
  if (then.toDateString() === now.toDateString()) return clock(at);
  const year = then.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return then.toLocaleString([], { ...DAY, ...year, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
};
const timeOf = (at, style) => make("time", { class: style, datetime: at, text: at ? whenOf(at) : "—" });
// A page may stay open over midnight.
setInterval(() => {
  for (const time of document.querySelectorAll("time[datetime]")) time.textContent = whenOf(time.dateTime);
}, 60_000);
const figure = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 3 });
const bytes = (size) => size == null ? "size unknown" : size < 1000 ? plural(size, "byte") : size < 1e6 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
const lasted = (seconds) => seconds == null ? "" : seconds < 0.001 ? "<1 ms" : seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${figure(seconds.toFixed(2))} s`;
const plural = (count, noun) => `${Number(count).toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
// A long name may be broken where a new word begins in it.
const broken = (name) => String(name).split(/(?=[A-Z][a-z])/).flatMap((word, index) => index ? [make("wbr"), word] : [word]);
const factsOf = (...facts) => make("dl", { class: "facts-list" }, ...facts.filter((fact) => fact !== null).map(([name, value, style]) =>
  make("div", {}, make("dt", { text: name }), value instanceof Node ? make("dd", { class: style }, value) : make("dd", { class: style, text: value }))));

const phone = matchMedia("(max-width: 759px)");

class Refused extends Error {}
class Away extends Error {}
const send = async (url, how) => {
  try {
    const answer = await fetch(url, how);
    return [answer.ok, await answer.json()];
  } catch { throw new Away("the sandbox does not answer"); }
};
const ask = async (url, how) => {
  const [fine, value] = await send(url, how);
  if (!fine) throw new Refused(value.error);
  return value;
};
const get = async (path, query = {}) => {
  const url = new URL(API + path, location.origin);
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== "") url.searchParams.set(name, value);
  return ask(url, { headers: { "X-Sandbox": "1" }, cache: "no-store" });
};
const post = async (path, body, told, undo = null) => {
  try {
    await ask(API + path, {
      method: "POST", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-Sandbox": "1" },
    });
    say(told, { undo });
    state.poke();
    return true;
  } catch (error) {
    say(`Not done: ${error.message}`, { bad: true });
    return false;
  }
};
let sayTimer = 0, undoing = null;
const say = (text, { bad = false, undo = null } = {}) => {
  undoing = undo;
  $("toast-text").textContent = text;
  $("toast").hidden = false;
  $("toast").classList.toggle("bad", bad);
  $("undo").hidden = undo === null;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(unsay, bad || undo ? 9000 : 4000);
};
const unsay = () => { $("toast").hidden = true; undoing = null; };
$("undo").addEventListener("click", () => { const work = undoing; unsay(); work?.(); });
// Runs at once, then at most every `pause` ms; a poke while it runs makes it run again.
const paced = (pause, work) => {
  let busy = false, again = false;
  const run = async () => {
    if (busy) { again = true; return; }
    busy = true;
    do {
      again = false;
      try { await work(); if (source?.readyState === 1) found(); } catch (error) { lost(error); }
      await new Promise((done) => setTimeout(done, pause));
    } while (again);
    busy = false;
  };
  return { poke: run };
};
