"use strict";
// Runs before anything is drawn, so that no page flashes in the wrong colours.
(() => {
  let theme = "";
  try {
    theme = localStorage.getItem("jobyard-theme") ?? "";
  } catch {
    // Storage is forbidden: the system's colours it is.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.classList.add("scripted");
})();
