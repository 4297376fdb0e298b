"use strict";
// Charts: <figure class="chart" data-chart="address"> holds a place `.plot`; the address answers
// {"series": [{"label", "tone", "unit"}], "values": [[seconds…], […], …]}.
(() => {
  const EVERY = 10000;
  const HEIGHT = 170;

  function tone(name) {
    const probe = document.createElement("span");
    probe.className = `state ${name}`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  }

  function spelled(value) {
    if (value === null || value === undefined) return "–";
    return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
  }

  function hour(at) {
    const zone = console_.read("zone") === "utc" ? "UTC" : undefined;
    const seconds = at % 60 ? "2-digit" : undefined;
    return new Date(at * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: seconds, timeZone: zone });
  }

  function options(figure, place, said) {
    const style = getComputedStyle(figure);
    const axis = { stroke: style.color, grid: { stroke: style.borderTopColor, width: 1 }, ticks: { show: false }, font: "11px sans-serif" };
    return {
      width: Math.max(place.clientWidth, 100),
      height: HEIGHT,
      cursor: { points: { size: 6 }, drag: { x: false, y: false } },
      tzDate: (at) => console_.read("zone") === "utc"
        ? uPlot.tzDate(new Date(at * 1000), "Etc/UTC") : new Date(at * 1000),
      scales: { y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.08] } },
      axes: [{ ...axis, size: 26, space: 70, values: (_, ticks) => ticks.map(hour) }, { ...axis, size: 52, values: (_, ticks) => ticks.map(spelled) }],
      series: [
        { label: "Time", value: (_, at) => at === null || at === undefined ? "–" : hour(at) },
        ...said.series.map((each) => ({
          label: each.label, stroke: tone(each.tone), width: 1.5, points: { show: false },
          value: (_, value) => spelled(value) + each.unit,
        })),
      ],
    };
  }

  class Chart {
    constructor(figure) {
      this.figure = figure;
      this.place = figure.querySelector(".plot");
      this.plot = null;
      this.said = null;
      new ResizeObserver(() => this.fit()).observe(this.place);
    }

    fit() {
      const width = this.place.clientWidth;
      if (this.plot && width && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT });
    }

    async load() {
      try {
        const answer = await fetch(this.figure.dataset.chart);
        if (answer.ok) this.show(await answer.json());
      } catch {
        // The next time, perhaps.
      }
    }

    show(said) {
      if (said.values[0].length < 2) return; // nothing that a line could be drawn of: words say so
      const same = this.plot && this.said.series.length === said.series.length;
      this.said = said;
      if (same) this.plot.setData(said.values);
      else this.draw();
    }

    draw() {
      this.plot?.destroy();
      this.place.replaceChildren();
      this.plot = new uPlot(options(this.figure, this.place, this.said), this.said.values, this.place);
    }
  }

  const charts = [...document.querySelectorAll("figure[data-chart]")].map((figure) => new Chart(figure));
  const load = () => charts.forEach((chart) => chart.load());
  const draw = () => charts.forEach((chart) => chart.said && chart.draw());
  load();
  setInterval(() => { if (console_.isLive?.() ?? !document.hidden) load(); }, EVERY);
  document.addEventListener("console:theme", draw);
  document.addEventListener("console:zone", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
