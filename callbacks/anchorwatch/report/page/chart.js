// Loss and behaviours over steps, by uPlot, with the flags where they were raised; below it drift, on the same steps.
const drawn = { charts: [], shown: new Map(), refresh: [] };
const LOSS_DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
const COLOURS = 6, AXIS = 52, ROWS = 3;

// The colour a custom property stands for now; a canvas cannot read it itself.
function colour(name) {
  const probe = $("footer");
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.style.color = "";
  return found;
}

function clearCharts() {
  drawn.charts.splice(0).forEach((chart) => chart.destroy());
  drawn.refresh = [];
}

function drawCharts() {
  clearCharts();
  drawn.refresh.push(() => drawNumbers(lines));
  const run = state.run;
  const losses = run.losses.map(({ name, points }, at) => ({
    key: `loss ${name}`, name: lossName(name), colour: "--loss", dash: LOSS_DASHES[at % LOSS_DASHES.length],
    scale: "loss", rate: false, points, drawn: true, width: 1.75,
  }));
  const lines = run.series.map((each) => ({
    ...each, key: `${each.metric}/${each.group}`, dash: [], width: 2.25,
    name: `${metricName(each.metric)} · ${kindName(each.group)}`,
    points: pointsOf(run, each),
  }));
  const behaviours = lines.filter((line) => line.metric !== DRIFT), drift = lines.filter((line) => line.metric === DRIFT);
  behaviours.forEach((line) => {
    line.scale = isShare(line) ? "share" : line.key;
    if (!isShare(line)) line.name += ` (${say("own_scale")})`;
  });
  drift.forEach((line) => { line.scale = "nats"; });
  [...behaviours.filter((line) => line.drawn), ...behaviours.filter((line) => !line.drawn)].forEach((line, at) => { paint(line, at); });
  drift.forEach((line, at) => { paint(line, at); line.name = kindName(line.group); });
  const steps = stepsOf([...losses, ...lines], run.checks.map((check) => check.step));
  const both = { steps, here: () => checkNow()?.step, pick: choose };
  $("drift-part").hidden = !drift.length;
  chart($("chart"), $("legend"), [...losses, ...behaviours], 300, { ...both, checks: run.checks });
  if (drift.length) chart($("drift"), $("drift-legend"), drift, 130, { ...both, indented: losses.length > 0 && behaviours.length > 0 });
}

const pointsOf = (run, series) => run.checks.map((check, at) => [check.step, series.values[at]]).filter(([, value]) => value !== null);
const isShare = (line) => line.points.every(([, value]) => value >= 0 && value <= 1);
const stepsOf = (lines, more = []) => [...new Set([...lines.flatMap((line) => line.points.map(([step]) => step)), ...more])].sort((a, b) => a - b);

// Every other line is dashed: where two are the same, both are seen.
function paint(line, at) {
  line.colour = `--line-${at % COLOURS}`;
  line.dash = at % 2 ? [9, 4] : [];
}

// `here` tells the chosen step, `pick` is called with a step that is clicked; the flags of `checks` are marked.
function chart(place, legend, lines, height, { steps, here = () => undefined, pick = null, checks = [], indented = false }) {
  place.replaceChildren();
  legend.replaceChildren();
  if (!lines.length || steps.length < 2) {
    place.append(el("p", { class: "quiet" }, say("no_chart")));
    return;
  }
  lines.forEach((line) => { line.shown = drawn.shown.get(line.key) ?? line.drawn; });
  const scales = { x: { time: false }, share: { range: [-0.09, 1.12] } };
  const ink = colour("--quiet"), grid = { stroke: colour("--line"), width: 1 };
  const has = (scale) => lines.some((line) => line.scale === scale);
  // Close enough for two labels at least, whatever the scale.
  const axis = (scale, side, values) => ({
    scale, side, values, stroke: ink, grid: side === 1 ? { show: false } : grid, ticks: { ...grid, size: 5 }, size: AXIS, font: "12px system-ui",
    space: side === 2 ? 50 : Math.min(30, height / 7),
  });
  const axes = [{ ...axis("x", 2, (_, ticks) => ticks.map(number)), size: 28 }];
  if (has("loss")) axes.push(axis("loss", 3, (_, ticks) => ticks.map(label)));
  if (has("share")) axes.push(axis("share", has("loss") ? 1 : 3, (_, ticks) => ticks.map((tick) => (tick > 1 || tick < 0 ? "" : percent(tick)))));
  if (has("own")) axes.push(axis("own", has("loss") ? 1 : 3, (_, ticks) => ticks.map(label)));
  if (has("nats")) axes.push(axis("nats", 3, (_, ticks) => ticks.map(label)));
  const made = new uPlot({
    width: place.clientWidth, height, scales, axes, legend: { show: false }, padding: [12, has("loss") && (has("share") || has("own")) ? 6 : indented ? AXIS + 6 : 18, 0, 0],
    cursor: { sync: { key: "steps" }, drag: { x: false, y: false }, y: false },
    series: [{}, ...lines.map((line) => ({
      scale: line.scale, show: line.shown, stroke: colour(line.colour), width: line.width, dash: line.dash,
      points: { show: line.points.length === 1 || line.scale !== "loss", size: 5, fill: colour(line.colour) },
    }))],
    hooks: { draw: [(chart) => placeMarks(chart)], setCursor: [(chart) => fillLegend(legend, lines, chart.cursor.idx === null ? here() : steps[chart.cursor.idx])] },
  }, [steps, ...lines.map((line) => column(line, steps))], place);
  if (pick) made.over.addEventListener("click", (event) => pick(made.posToVal(event.clientX - made.over.getBoundingClientRect().left, "x")));
  drawn.charts.push(made);
  addMarks(made, checks, here());
  drawLegend(legend, lines, made);
  drawn.refresh.push(() => { placeMarks(made); fillLegend(legend, lines, here()); });
  const flags = checks.flatMap((check) => check.raised.map((at) => `${say(check.flags[at].level)}, ${ruleName(check.flags[at])}, ${say("step_n", check.step)}`));
  place.setAttribute("aria-label", say("chart_label", steps[0], steps[steps.length - 1], lines.filter((line) => line.shown).map((line) => line.name).join(", "), flags.join("; ") || say("none")));
}

// Of a tick, with room for six characters.
const label = (tick) => (tick && Math.abs(tick) < 1e-3 ? Number(tick.toPrecision(3)).toExponential().replaceAll("-", "−") : number(tick));

// A line's values over all steps: undefined where it has no point, null where the point is not a number.
function column(line, steps) {
  const points = new Map(line.points.map(([step, value]) => [step, typeof value === "number" ? value : null]));
  return steps.map((step) => points.get(step));
}

function addMarks(chart, checks, here) {
  const add = (check, level, sign, title, lead) => chart.over.append(el("div", { class: `mark ${level}`, "data-step": check.step },
    el("button", { type: "button", tabindex: -1, title, "aria-label": title, onclick: (event) => { event.stopPropagation(); lead(); } }, sign)));
  for (const [step, check] of checks.entries()) {
    const raised = check.raised.map((at) => check.flags[at]);
    const title = raised.map((flag) => `${say("step_n", check.step)}: ${say(flag.level)}, ${ruleName(flag)}. ${claim(flag)}`).join("\n");
    const broken = check.newly_broken;
    if (broken.length) add(check, "broken", String(broken.length), say("mark_broken", broken.length, check.step, broken.join(", ")), () => showAnchors({ step, broken: true, anchor: broken[0] }));
    if (raised.length) add(check, raised.some((flag) => flag.level === "alarm") ? "alarm" : "watch", "⚑", title, () => showFlag(step));
  }
  if (here !== undefined) chart.over.append(el("div", { class: "here" }));
}

// Marks that would lie on each other are set in rows, as far as there is room: broken contracts from below, flags from above.
function placeMarks(chart) {
  const rows = { broken: [], flags: [] };
  for (const mark of chart.over.querySelectorAll(".mark")) {
    const left = chart.valToPos(Number(mark.dataset.step), "x"), ends = rows[mark.classList.contains("broken") ? "broken" : "flags"];
    const free = ends.findIndex((end) => end <= left), row = free >= 0 ? free : ends.length < ROWS ? ends.length : ends.indexOf(Math.min(...ends));
    ends[row] = left + mark.firstChild.offsetWidth;
    mark.style.left = `${left}px`;
    mark.style.setProperty("--row", row);
  }
  const here = chart.over.querySelector(".here");
  if (here) here.style.left = `${chart.valToPos(checkNow().step, "x")}px`;
}

function drawLegend(legend, lines, chart) {
  legend.append(...lines.map((line, at) => {
    const swatch = el("span", { class: `swatch${line.dash.length ? " dashed" : ""}`, "aria-hidden": "true" });
    swatch.style.color = `var(${line.colour})`;
    return el("button", { type: "button", "aria-pressed": String(line.shown), onclick: (event) => {
      line.shown = !line.shown;
      drawn.shown.set(line.key, line.shown);
      event.currentTarget.setAttribute("aria-pressed", String(line.shown));
      chart.setSeries(at + 1, { show: line.shown });
    } }, swatch, el("span", {}, ...visible(line.name)), el("b", {}));
  }));
}

// Each line's value at a step, or the last one before it.
function fillLegend(legend, lines, step) {
  legend.querySelectorAll("b").forEach((place, at) => {
    const before = lines[at].points.filter(([other, value]) => step === undefined || (other <= step && value !== null));
    place.textContent = before.length ? figure(before[before.length - 1][1], lines[at].rate) : "";
  });
}

function choose(step) {
  const distances = state.run.checks.map((check) => Math.abs(check.step - step));
  state.step = distances.indexOf(Math.min(...distances));
  draw();
}

function drawNumbers(lines) {
  const at = state.step;
  const row = (line) => {
    const [count, low, high] = line.basis[at] ?? [];
    const interval = low === null || low === undefined ? "" : `; ${say("to", figure(low, line.rate), figure(high, line.rate))}`;
    return el("tr", {}, el("td", {}, metricName(line.metric)), el("td", {}, kindName(line.group)), el("td", {}, figure(line.values[0], line.rate)),
      el("td", {}, figure(line.values[at], line.rate)), el("td", {}, count === undefined ? "" : say("n_is", count) + interval));
  };
  $("numbers").hidden = !lines.length;
  const heads = [say("behaviour"), say("group"), say("at_baseline"), checkNow() ? say("step_n", checkNow().step) : "", say("interval")];
  $("numbers").querySelector("table").replaceChildren(el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head))), ...lines.map(row));
}

const fitted = new ResizeObserver(() => drawn.charts.forEach((chart) => {
  const width = chart.root.parentElement.clientWidth;
  if (width && width !== chart.width) chart.setSize({ width, height: chart.height });
}));
for (const place of ["chart", "course"]) fitted.observe($(place));
