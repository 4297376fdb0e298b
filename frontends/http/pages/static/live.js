"use strict";
// Live: the server says what changed, the page is asked for again, and what changed is put in place by its id.
// Never while the page is hidden or paused, never under the focus, a selection or an open question.
(() => {
  const LIVE = "[data-live], [data-live-queue], [data-live-job]";
  const GAP = 500; // milliseconds between two askings, at least
  const POLL = 5000;
  const button = document.getElementById("live");
  const stream = document.body.dataset.stream;
  if (!button || !stream || !document.querySelector(LIVE)) return;

  let morph;
  htmx.registerExtension("in-place", {
    init(api) { morph = api.morph; },
    htmx_before_morph_attr: (_, { attrName }) => attrName !== "open" && attrName !== "hidden",
  });

  let source = null;
  let timer = 0;
  let asking = false;
  let nothingBefore = 0;
  let paused = console_.read("live") === "off";
  let trouble = "";
  const changed = { all: false, queues: new Set(), jobs: new Set() };

  function show() {
    const word = paused ? "Paused" : trouble || "Live";
    if (button.textContent !== word) button.textContent = word;
    button.setAttribute("aria-pressed", String(!paused));
    button.classList.toggle("trouble", !paused && trouble !== "");
    button.title = paused ? "Go on showing changes" : "Stop showing changes";
  }

  function wanted(element) {
    const { live, liveQueue, liveJob } = element.dataset;
    return changed.all || (live !== undefined && (changed.queues.size > 0 || changed.jobs.size > 0))
      || changed.queues.has(liveQueue) || changed.jobs.has(liveJob);
  }

  function busy(element) {
    const active = document.activeElement;
    if (active && active !== document.body && element.contains(active)) return true;
    if (element.querySelector(":popover-open, dialog[open], input[type=checkbox]:checked")) return true;
    const selection = getSelection();
    return selection.type === "Range" && selection.containsNode(element, true);
  }

  function put(old, fresh) {
    if (!fresh || old.isEqualNode(fresh)) return true;
    if (!busy(old)) {
      const fragment = document.createDocumentFragment();
      fragment.append(document.importNode(fresh, true));
      morph(old, fragment, false);
      return true;
    }
    // Somebody is in there: its rows change one by one, and none comes, goes or moves.
    const rows = [...old.querySelectorAll("tr[id]")].filter((row) => !row.parentElement.closest("tr"));
    for (const row of rows) {
      const now = fresh.querySelector(`[id="${CSS.escape(row.id)}"]`);
      row.classList.toggle("gone", !now);
      if (now && !busy(row)) put(row, now);
    }
    return false;
  }

  function missing(is) {
    const said = document.getElementById("missing");
    if (!is) said?.remove();
    if (!is || said) return;
    const words = document.createElement("p");
    words.id = "missing";
    words.className = "notice bad";
    words.role = "alert";
    words.textContent = "What this page shows is not there any more.";
    document.getElementById("content").before(words);
  }

  async function refresh() {
    timer = 0;
    if (paused || document.hidden || asking) return;
    const elements = [...document.querySelectorAll(LIVE)].filter((each) => each.id && wanted(each));
    changed.all = false;
    changed.queues.clear();
    changed.jobs.clear();
    if (!elements.length) return;
    asking = true;
    const began = performance.now();
    let left = false;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { "HX-Request": "true" } });
      if (answer.status === 401) return location.reload();
      if (answer.ok && answer.headers.get("Jobyard-Group") !== document.body.dataset.group) {
        return location.reload(); // another group was chosen elsewhere: no page is half of one
      }
      const said = new DOMParser().parseFromString(await answer.text(), "text/html");
      const hears = source?.readyState === EventSource.OPEN;
      trouble = !answer.ok && answer.status !== 404 ? "Trouble" : hears ? "" : "Polling";
      missing(answer.status === 404);
      if (answer.ok && !paused) {
        for (const each of elements) {
          if (each.isConnected && !put(each, said.getElementById(each.id))) left = true;
        }
        console_.times();
        document.dispatchEvent(new Event("console:swapped"));
      }
      for (const each of elements) each.classList.toggle("gone", answer.status === 404);
    } catch {
      trouble = "Offline";
    }
    asking = false;
    show();
    nothingBefore = performance.now() + Math.max(GAP, 5 * (performance.now() - began));
    if (left) changed.all = true;
    if (changed.all || changed.queues.size || changed.jobs.size) soon(left ? 2000 : 0);
  }

  function soon(after = 0) {
    if (paused || document.hidden || timer || asking) return;
    timer = setTimeout(refresh, Math.max(after, nothingBefore - performance.now(), 0));
  }

  function everything() {
    changed.all = true;
    soon();
  }

  function listen() {
    if (source || paused || document.hidden) return;
    source = new EventSource(stream);
    source.addEventListener("open", () => {
      trouble = "";
      show();
    });
    source.addEventListener("change", (event) => {
      const said = JSON.parse(event.data);
      if (said.all) changed.all = true;
      for (const queue of said.queues) changed.queues.add(queue);
      for (const job of said.jobs) changed.jobs.add(job);
      soon();
    });
    source.addEventListener("gap", everything);
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) {
        source = null;
        trouble = "Polling";
        show();
      }
    });
  }

  function stop() {
    source?.close();
    source = null;
    clearTimeout(timer);
    timer = 0;
  }

  button.addEventListener("click", () => {
    paused = !paused;
    console_.keep("live", paused ? "off" : "");
    show();
    if (paused) {
      stop();
    } else {
      listen();
      everything();
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stop();
    } else {
      listen();
      everything();
    }
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => { if (event.persisted) { listen(); everything(); } });
  setInterval(() => {
    const slow = document.querySelector("[data-live-always]") !== null;
    if (slow || source?.readyState !== EventSource.OPEN) everything();
    listen();
  }, POLL);

  button.hidden = false;
  console_.isLive = () => !paused && !document.hidden;
  show();
  listen();
})();
