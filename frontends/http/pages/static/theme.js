"use strict";
// Runs before anything is drawn, so that no page flashes in the wrong colours.
try {
  const theme = localStorage.getItem("jobyard-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* storage is forbidden: the system's colours it is */ }
