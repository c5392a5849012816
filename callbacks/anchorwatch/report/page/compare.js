// Runs side by side: the runs, what can be attributed, what differs between them, and what changed for it.
const COMPARISON = DATA.comparison;
const comparable = Boolean(COMPARISON?.runs.length);

// What is compared of a run: its label, the run itself, and the place of its check.
const compared = (COMPARISON?.runs ?? []).map(({ label, run, check }) => ({ label, run: DATA.runs[run], place: run, check }));
const reference = compared[0];
const sideOf = (label) => compared.find((side) => side.label === label);
const chosenAgainst = () => COMPARISON.against.find((against) => against.run === state.other);
const sideName = ({ label, run }) => `${label} ${run.name}`;

// Said on every view: which runs are not compared, and why.
function drawNotice() {
  const said = (COMPARISON?.left_out ?? []).map(({ run, why }) => say(why, DATA.runs[run].name));
  if (COMPARISON && !comparable) said.push(say("not_compared"));
  $("notice").hidden = !said.length;
  $("notice").replaceChildren(...said.map((each) => el("p", {}, ...visible(each))));
}

function drawComparison() {
  drawCompared();
  drawAttributions();
  drawCourse();
  drawSides();
  drawAgainst();
}

// What depends on the run that is set beside the reference.
function drawAgainst() {
  drawDiffering();
  drawChanges();
  drawAnswers();
}

const counted = (count) => (count === 1 ? say("one_anchor") : say("n_anchors", count));

function drawCompared() {
  const sets = [...new Set(compared.map(({ run: { anchor_set } }) => say("set", anchor_set.name, anchor_set.version)))];
  $("compared-about").replaceChildren(...visible(sets.join(say("comma"))));
  $("compared").textContent = say("compared", compared.length, counted(COMPARISON.anchors.length));
  const heads = ["", say("name"), say("differs_in"), capital(headlineName()), say("against_label", reference.label), say("worse_better")];
  $("compared-runs").replaceChildren(headRow(heads), ...compared.map((side) => {
    const open = el("button", { type: "button", class: "link", onclick: () => show(side.place) }, ...visible(side.run.name));
    const name = el("td", {}, open, el("div", { class: "quiet" }, say("step_n", side.run.checks[side.check].step)));
    const label = el("th", { scope: "row" }, tag(side.label));
    return el("tr", {}, label, name, ...(side === reference ? referenceCells() : againstCells(side)));
  }));
  const { anchors_left_out: left, other_expectations: unlike, alike } = COMPARISON;
  const reasons = Object.entries(left).map(([id, why]) => `${id} (${inWords(why)})`);
  $("compared-anchors").replaceChildren(...[
    alike ? null : say("not_alike"), reasons.length ? say("left_out", reasons.length, reasons.join(say("comma"))) : null,
    unlike.length ? say("other_expectations", unlike.join(say("between"))) : null,
  ].filter(Boolean).map((said) => el("p", {}, ...visible(said))));
}

const headRow = (heads) => el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, ...visible(head))));
const headlineOf = (against) => against.metrics.find(({ metric }) => metric === against.headline);
const headlineName = () => (COMPARISON.against.map(headlineOf).map((found) => found && metricName(found.metric)).find(Boolean) ?? say("behaviour"));

function referenceCells() {
  const found = COMPARISON.against.map(headlineOf).find(Boolean);
  return [el("td", { class: "quiet" }, say("reference")), el("td", {}, found ? figure(found.groups.all.reference, found.rate) : say("none")), el("td"), el("td")];
}

function againstCells({ label }) {
  const against = COMPARISON.against.find(({ run }) => run === label), found = headlineOf(against), all = found?.groups.all;
  const causes = against.causes.map(([name]) => name), others = causes.filter((name) => name !== "seed");
  const named = (others.length ? others : causes).map(causeName).join(say("comma")) || say("nothing_else");
  const seed = others.length && others.length < causes.length;
  const counts = ["worse", "better"].map((way) => answersLike(against, way).length);
  return [el("td", {}, seed ? say("and_seed", named) : named), el("td", {}, all ? figure(all.other, found.rate) : say("none")),
    el("td", {}, all ? `${signed(all.difference, found.rate)} ${intervalOf(all, found.rate)}` : say("none")), el("td", {}, counts.join(" / "))];
}

const intervalOf = ({ low, high }, rate) => (low === undefined || high === undefined ? "" : `(${say("to", signed(low, rate), signed(high, rate))})`);

function drawAttributions() {
  $("attributions").replaceChildren(...COMPARISON.attributions.map(({ runs, verdict, says }) => el("div", { class: "attributed" },
    el("p", {}, ...runs.map(tag), el("span", { class: `pill ${verdict === "confounded" ? "watch" : ""}` }, say(`verdict_${verdict}`))),
    el("p", {}, ...visible(says.map(sentence).join(state.language === "zh" ? "" : " "))))));
}

function drawSides() {
  $("sides").hidden = compared.length < 3;
  $("sides-label").textContent = say("other_run", sideName(reference));
  $("side-buttons").replaceChildren(...compared.slice(1).map((side) => el("button", { type: "button", class: "toggle", "aria-pressed": String(side.label === state.other),
    "data-label": side.label, onclick: () => chooseOther(side.label) }, ...visible(sideName(side)))));
}

function chooseOther(label) {
  const focused = document.activeElement?.dataset.label;
  Object.assign(state, { other: label, like: "" });
  state.pair = firstAnswer();
  drawSides();
  drawAgainst();
  if (focused) $("side-buttons").querySelector(`[data-label="${label}"]`).focus();
}

function drawDiffering() {
  const against = chosenAgainst();
  $("differing").replaceChildren(...visible(say("against_title", sideName(sideOf(against.run)), sideName(reference))));
  $("causes").replaceChildren(...against.causes.map(([name, factors]) => el("li", {}, el("strong", {}, ...visible(causeName(name))),
    ...factors.map((factor) => el("div", { class: "quiet" }, ...visible(factor))))));
  if (!against.causes.length) $("causes").append(el("li", { class: "quiet" }, say("no_cause")));
  const rescored = against.rescored.length ? say("rescored", against.rescored.join(say("comma"))) : "";
  $("also").replaceChildren(...[
    against.incomparable.length ? say("incomparable", against.incomparable.map(metricName).join(say("between"))) + rescored : null,
    against.baselines_differ ? say("baselines_differ", against.baselines_differ, COMPARISON.anchors.length) : null,
    against.measured.length ? say("measured", against.measured.join(say("comma"))) : null,
  ].filter(Boolean).map((said) => el("p", { class: "quiet" }, ...visible(said))));
}

function drawChanges() {
  const against = chosenAgainst(), metrics = against.metrics.filter(({ shown }) => shown || state.all_metrics);
  const noisy = metrics.some(({ groups }) => Object.values(groups).some(({ noise }) => noise !== undefined));
  const labels = [reference.label, against.run];
  const heads = [capital(say("behaviour")), ...labels, say("difference", ...labels), "", say("interval_95"), ...(noisy ? [say("seed_noise")] : []), say("own", ...labels)];
  $("changes").replaceChildren(headRow(heads), ...metrics.flatMap((metric) => metricRows(metric, noisy)));
  $("all-metrics").hidden = against.metrics.every(({ shown }) => shown);
  $("all-metrics").setAttribute("aria-pressed", String(state.all_metrics));
}

function metricRows({ metric, rate, comparable, groups }, noisy) {
  const reach = rate ? 1 : Math.max(...Object.values(groups).flatMap(({ low, high, difference }) => [low, high, difference]).map((each) => Math.abs(each ?? 0))) || 1;
  return Object.entries(groups).filter(([group, { difference }]) => group === "all" || state.all_metrics || difference).map(([group, change]) => {
    const name = group === "all" ? metricName(metric) + (comparable ? "" : ` ${say("not_comparable")}`) : kindName(group);
    const own = change.own ? change.own.map((each) => signed(each, rate)).join(say("comma")) : say("none");
    return el("tr", { class: group === "all" ? "whole" : "part" }, el("th", { scope: "row" }, ...visible(name), el("span", { class: "quiet" }, ` ${say("n_is", change.n)}`)),
      el("td", {}, figure(change.reference, rate)), el("td", {}, figure(change.other, rate)), el("td", {}, el("b", {}, signed(change.difference, rate))),
      el("td", { class: "span", "aria-hidden": "true" }, whisker(change, reach)), el("td", {}, intervalOf(change, rate).slice(1, -1)),
      noisy ? el("td", {}, change.noise === undefined ? say("none") : signed(change.noise, rate).replace("+", "")) : null, el("td", { class: "quiet" }, own));
  });
}

// A difference and its interval on a scale from −reach to +reach, the middle of which is no difference.
function whisker({ difference, low, high, beyond }, reach) {
  const at = (value) => 50 + 50 * Math.max(-1, Math.min(1, value / reach));
  const line = el("i"), dot = el("b"), clear = low !== undefined && (low > 0 || high < 0) && beyond !== false;
  line.style.left = `${at(low ?? difference)}%`;
  line.style.right = `${100 - at(high ?? difference)}%`;
  dot.style.left = `${at(difference)}%`;
  return el("div", { class: `whisker${clear ? " clear" : ""}` }, line, dot);
}

function listenToComparison() {
  $("all-metrics").addEventListener("click", () => { state.all_metrics = !state.all_metrics; drawChanges(); });
  $("back").addEventListener("click", () => show("comparison"));
  listenToCourse();
  listenToAnswers();
}
