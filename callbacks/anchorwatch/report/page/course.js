// One behaviour and the loss of the compared runs over steps, each run in its colour.
const COURSES = new Map(compared.flatMap(({ run }) => run.series.map((each) => [`${each.metric}/${each.group}`, each])));

const runColour = (label) => `--line-${compared.findIndex((side) => side.label === label) % COLOURS}`;
function tag(label) {
  const made = el("span", { class: "label" }, label);
  made.style.background = `var(${runColour(label)})`;
  return made;
}

function drawCourse() {
  clearCharts();
  state.course ??= COURSES.keys().next().value;
  $("course-of").replaceChildren(...[...COURSES].map(([key, { metric, group }]) => el("option", { value: key, selected: key === state.course }, `${metricName(metric)} · ${kindName(group)}`)));
  $("course-part").hidden = !COURSES.size;
  $("course-own").hidden = COMPARISON.alike;
  const losses = compared.flatMap(({ label, run }) => run.losses.slice(-1).map(({ name, points }) => ({
    key: `loss ${label}`, name: `${label} · ${lossName(name)}`, colour: runColour(label), dash: [3, 3], scale: "loss", rate: false, points, drawn: true, width: 1.5,
  })));
  const lines = compared.flatMap(({ label, run }) => run.series.filter(({ metric, group }) => `${metric}/${group}` === state.course).map((each) => ({
    key: `course ${label}`, name: `${label} · ${metricName(each.metric)}`, colour: runColour(label), dash: [], scale: "own", rate: each.rate, points: pointsOf(run, each), drawn: true, width: 2.5,
  })));
  if (lines.every(isShare)) lines.forEach((line) => { line.scale = "share"; });
  chart($("course"), $("course-legend"), [...lines, ...losses], 260, { steps: stepsOf([...lines, ...losses]) });
}

function listenToCourse() {
  $("course-of").addEventListener("change", (event) => { state.course = event.target.value; drawCourse(); });
}
