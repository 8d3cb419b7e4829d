// What a new user does first: the lines of this sandbox, each of which runs as it is copied.
const showStart = async () => {
  if ($("environment")) { welcomed(); return; }
  const content = $("welcome").content.cloneNode(true);
  const lines = await get("start");
  if (!wantsStart()) return;
  fill(...content.children);
  for (const name of ["environment", "commands", "python"]) $(name).textContent = lines[name] ?? "";
  $("first").hidden = lines.commands === null;
  $("no-order").hidden = lines.commands !== null;
  for (const tab of $("open").querySelectorAll("[role=tab]")) {
    tab.addEventListener("click", () => pick(tab));
    tab.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      event.preventDefault();
      pick(tab.nextElementSibling ?? tab.previousElementSibling).focus();
    });
  }
  for (const button of $("open").querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy($(button.dataset.copy)));
  welcomed();
};
const welcomed = () => { $("welcome-h").textContent = newest === 0 ? "Nothing has been sent yet" : "Connect a client"; };
const wantsStart = () => is.view === "connect" || (is.seq === null && !rows.length && !filtered());
const pick = (chosen) => {
  for (const tab of $("open").querySelectorAll("[role=tab]")) {
    const picked = tab === chosen;
    tab.setAttribute("aria-selected", String(picked));
    tab.tabIndex = picked ? 0 : -1;
    $(tab.getAttribute("aria-controls")).hidden = !picked;
  }
  return chosen;
};
const copy = async (lines) => {
  try { await navigator.clipboard.writeText(lines.textContent); say("Copied"); } catch { getSelection().selectAllChildren(lines); say("Selected: copy it with Ctrl+C"); }
};
