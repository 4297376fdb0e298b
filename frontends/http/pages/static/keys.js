"use strict";
// Keys: `/` searches, `?` helps, `j` and `k` go through rows, `x` selects one, `g` and a letter goes to a page.
(() => {
  let going = 0;

  function rows() {
    return [...document.querySelectorAll("main tbody tr")].filter((row) => row.querySelector("a, input, button"));
  }

  function step(by) {
    const all = rows();
    const now = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + by, 0), all.length - 1)];
    const target = next?.querySelector("a[href]") ?? next?.querySelector("input, button");
    target?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  function act(key) {
    if (Date.now() - going < 1500) {
      going = 0;
      const link = document.querySelector(`a[data-key="${CSS.escape(key)}"]`);
      if (link) {
        link.click();
        return true;
      }
    }
    switch (key) {
      case "g": going = Date.now(); return true;
      case "j": step(1); return true;
      case "k": step(-1); return true;
      case "x": {
        const box = document.activeElement.closest("tr")?.querySelector("input[type=checkbox]");
        box?.click();
        return Boolean(box);
      }
      case "/": {
        const search = document.getElementById("search");
        search?.focus();
        search?.select();
        return Boolean(search);
      }
      case "?": document.getElementById("keys")?.togglePopover(); return true;
      default: return false;
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (typing) {
      if (event.key === "Escape") typing.blur();
      return;
    }
    if (act(event.key)) event.preventDefault();
  });
})();
