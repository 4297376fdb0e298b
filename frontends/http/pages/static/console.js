"use strict";
// What every page has: the settings of this browser, and small acts of fields.
const console_ = {
  read(name) {
    try {
      return localStorage.getItem(`jobyard-${name}`) ?? "";
    } catch {
      return "";
    }
  },
  keep(name, value) {
    try {
      localStorage.setItem(`jobyard-${name}`, value);
    } catch {
      // It holds for this page then.
    }
  },
};

(() => {
  const theme = document.getElementById("theme");
  if (theme) {
    theme.value = console_.read("theme");
    theme.addEventListener("change", () => {
      console_.keep("theme", theme.value);
      if (theme.value) document.documentElement.dataset.theme = theme.value;
      else delete document.documentElement.dataset.theme;
      document.dispatchEvent(new Event("console:theme"));
    });
  }

  for (const each of document.querySelectorAll("[data-scripted]")) each.hidden = false;
  for (const form of document.querySelectorAll("form[data-submits]")) {
    form.addEventListener("change", () => form.requestSubmit());
    for (const button of form.querySelectorAll("button")) button.hidden = true;
  }

  // One box for all those of a name: it is ticked while each of them is.
  document.addEventListener("change", (event) => {
    for (const all of document.querySelectorAll("input[data-all]")) {
      const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(all.dataset.all)}"]`)];
      if (event.target === all) for (const box of boxes) box.checked = all.checked;
      else all.checked = boxes.every((box) => box.checked);
    }
  });
})();
