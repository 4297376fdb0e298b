"use strict";
// Times seen from now, and exact ones in the time zone that was chosen.
(() => {
  const STEPS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const pad = (value, digits = 2) => String(value).padStart(digits, "0");

  function relative(at) {
    const away = (at - Date.now()) / 1000;
    let rest = Math.floor(Math.abs(away));
    if (rest < 1) return "now";
    const words = [];
    for (const [step, name] of STEPS) {
      const count = Math.floor(rest / step);
      rest %= step;
      if (count || words.length) words.push(count ? `${count} ${name}` : "");
    }
    return away > 0 ? `in ${words[0]}` : `${words[0]} ago`;
  }

  function exact(at) {
    const when = new Date(at);
    if (console_.read("zone") === "utc") return when.toISOString().replace("T", " ");
    const east = -when.getTimezoneOffset();
    const offset = `${east < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(east) / 60))}:${pad(Math.abs(east) % 60)}`;
    const day = `${when.getFullYear()}-${pad(when.getMonth() + 1)}-${pad(when.getDate())}`;
    const hour = `${pad(when.getHours())}:${pad(when.getMinutes())}:${pad(when.getSeconds())}`;
    return `${day} ${hour}.${pad(when.getMilliseconds(), 3)}${offset}`;
  }

  function apply(root = document) {
    for (const each of root.querySelectorAll("time[datetime]")) {
      const at = Date.parse(each.dateTime);
      if (Number.isNaN(at)) continue;
      const [shown, title] = each.classList.contains("exact") ? [exact(at), relative(at)] : [relative(at), exact(at)];
      if (each.textContent !== shown) each.textContent = shown;
      if (each.title !== title) each.title = title;
    }
  }

  const zone = document.getElementById("zone");
  if (zone) {
    zone.value = console_.read("zone");
    zone.addEventListener("change", () => {
      console_.keep("zone", zone.value);
      apply();
      document.dispatchEvent(new Event("console:zone"));
    });
  }
  console_.times = apply;
  apply();
  setInterval(() => { if (!document.hidden) apply(); }, 5000);
})();
