// Drift on the baseline's answer as a line of cells, one a token. The same coding as in heat.py.
const HEAT_SCALE = 32;
const HEAT_LEVELS = [0.05, 0.25, 0.75, 1.5, 3];

const lostPerToken = (coded) => [...atob(coded)].map((byte) => {
  const level = (byte.charCodeAt(0) << 24) >> 24;
  return Math.sign(level) * (level / HEAT_SCALE) ** 2;
});

function heatClass(lost) {
  const level = HEAT_LEVELS.filter((least) => Math.abs(lost) >= least).length;
  return level ? `${lost > 0 ? "less" : "more"}-${level}` : "";
}

function heatLine(answer) {
  if (state.step === 0) return [el("p", { class: "quiet" }, say("heat_baseline"))];
  if (!answer?.heat) return [el("p", { class: "quiet" }, say("heat_none"))];
  const lost = lostPerToken(answer.heat), most = lost.indexOf(Math.max(...lost));
  const told = (at) => {
    const line = say(lost[at] < 0 ? "heat_gained" : "heat_lost", at + 1, number(Number(Math.abs(lost[at]).toPrecision(2))));
    return at === answer.departs ? say("heat_departs", line, say("departs")) : line;
  };
  const summary = say("heat_sum", lost.length, number(answer.lost), most + 1, number(Number(lost[most].toPrecision(2))));
  const readout = el("p", { class: "quiet" }, summary);
  const cells = lost.map((value, at) => el("span", { class: `${heatClass(value)}${at === answer.departs ? " departs" : ""}`, title: told(at), "data-at": at }));
  const line = el("div", { class: "heat", tabindex: 0, role: "slider", "aria-label": say("heat_label"), "aria-valuemin": 1, "aria-valuemax": lost.length,
    "aria-valuenow": 1, "aria-valuetext": summary }, ...cells);
  let here = -1;
  const go = (at) => {
    if (!cells[at]) return;
    cells[here]?.classList.remove("now");
    cells[at].classList.add("now");
    here = at;
    readout.textContent = told(at);
    line.setAttribute("aria-valuenow", at + 1);
    line.setAttribute("aria-valuetext", told(at));
  };
  line.addEventListener("keydown", (event) => {
    const to = { ArrowRight: here + 1, ArrowUp: here + 1, ArrowLeft: here - 1, ArrowDown: here - 1, Home: 0, End: lost.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  for (const gesture of ["pointerover", "click"]) line.addEventListener(gesture, (event) => { if (event.target.dataset.at) go(Number(event.target.dataset.at)); });
  const key = el("p", { class: "key quiet", "aria-hidden": "true" }, el("span", {}, el("i", { class: "less" }), say("less")), el("span", {}, el("i", { class: "more" }), say("more")),
    answer.departs === undefined ? null : el("span", {}, el("i", { class: "departs" }), say("departs")));
  return [line, readout, key];
}
