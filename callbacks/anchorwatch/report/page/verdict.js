// The first screen: the verdict in one sentence, the figures behind it, the contracts broken, and the flags.
function drawVerdict() {
  const run = state.run, last = run.checks[run.checks.length - 1];
  const { level, sentence, flag } = verdict(run, last);
  $("verdict").className = `card ${level}`;
  $("sentence").textContent = sentence;
  $("claim").textContent = flag ? claim(flag) : "";
  const ended = run.status === "running" ? say("running", last ? last.step : say("none")) : say(run.status, run.final_step ?? say("none"));
  $("about").replaceChildren(...visible(say("about", run.name, run.anchor_set.name, run.anchor_set.version, run.checks.length, ended)));
  drawFigures(run, last);
  drawBroken(run, last);
  drawFlags(run);
}

function verdict(run, last) {
  if (!last) return { level: "none", sentence: say("v_none") };
  if (run.checks.length === 1) return { level: "none", sentence: say("v_baseline") };
  const alarms = last.flags.filter((flag) => flag.level === "alarm").sort((a, b) => a.since - b.since);
  const [watch] = last.flags.filter((flag) => flag.level === "watch");
  const { broken, stated } = contractCounts(run);
  if (alarms.length) {
    const more = alarms.length > 1 ? say("v_and_alarms", alarms.length - 1) : "";
    const contracts = broken ? say("semicolon") + say("v_and_broken", broken, stated) : "";
    return { level: "alarm", sentence: say("v_alarm", ruleName(alarms[0]), alarms[0].since) + more + contracts + end(), flag: alarms[0] };
  }
  if (broken) return { level: "alarm", sentence: say("v_broken", broken, stated) + end(), flag: watch };
  if (watch) return { level: "watch", sentence: say("v_watch", ruleName(watch), watch.since) + end(), flag: watch };
  return { level: "calm", sentence: say(stated ? "v_calm" : "v_calm_free") };
}
const end = () => say("full_stop");

// What a flag says, from its evidence; its own sentence where there are no words for that.
function claim(flag) {
  const loss = flag.loss;
  const beside = loss ? say({ better: "loss_better", worse: "loss_worse" }[loss.direction] ?? "loss_flat",
    lossName(loss.name), number(loss.before), number(loss.after)) : say("loss_none");
  const name = flag.metric ? metricName(flag.metric) : "";
  const values = { churn: [name, ...(flag.turned ?? []), beside], stalled: [percent(1 - flag.changed), beside], collapsed: [name, percent(flag.share), beside] };
  const told = word("claims", flag.rule);
  if (!flag.moved || !flag.metric) return told ? fill(told, values[flag.rule]) : flag.message;
  return say("claim", capital(name), kindName(flag.group || "all"),
    figure(flag.moved.before, flag.rate), figure(flag.moved.after, flag.rate), beside);
}

// What to do about a flag, where the language has words for it.
function advice(flag) {
  const told = word("advice", early(flag.rule, flag.metric)) ?? word("advice", flag.rule);
  if (!told) return "";
  const count = flag.anchors.length, named = fill(word("advice", count > 3 ? "others" : count ? "few" : "all"), [flag.anchors.slice(0, 3).join(say("between"))]);
  const first = flag.since <= (state.run.checks[1]?.step ?? 0);
  return fill(told, [named, first ? word("advice", "before_training") : fill(word("advice", "before_step"), [flag.since])]);
}

// The whole of a flag that is not in its claim: its own sentence, and in another language what to do.
function inFull(flag) {
  const told = advice(flag);
  if (!told && claim(flag) === flag.message) return null;
  return el("details", {}, el("summary", {}, say("in_full")), told ? el("div", {}, ...visible(told)) : null,
    el("div", { class: "quiet text", lang: "en" }, ...visible(flag.message)));
}

function contractCounts(run) {
  const last = run.checks.length - 1;
  const all = run.anchors.flatMap((anchor) => anchor.answers[last]?.contracts ?? []);
  const count = (stands) => all.filter((contract) => contract[1] === stands).length;
  return { broken: count("broken"), mended: count("mended"), never: count("never"), stated: all.length };
}

function drawFigures(run, last) {
  const rows = [];
  if (last && run.checks.length > 1) {
    const at = run.checks.length - 1, asked = run.anchors.filter((anchor) => anchor.answers[at]);
    const changed = asked.filter((anchor) => anchor.answers[0]?.text !== anchor.answers[at].text).length;
    const { broken, stated } = contractCounts(run);
    rows.push([say("f_changed"), say("of", changed, asked.length)]);
    if (stated) rows.push([say("f_broken"), say("of", broken, stated)]);
    rows.push([say("f_alarms"), String(last.flags.filter((flag) => flag.level === "alarm").length)]);
    rows.push([say("f_watch"), String(last.flags.filter((flag) => flag.level === "watch").length)]);
  }
  for (const { name, points } of run.losses) {
    const shown = lossName(name);
    const ends = [points[0][1], points[points.length - 1][1]].map(number);
    rows.push(points.length > 1 ? [say("f_loss", shown), ends.join(" → ")] : [shown, ends[0]]);
  }
  $("figures").replaceChildren(...rows.map(([name, value]) => el("div", {}, el("dt", {}, ...visible(name)), el("dd", {}, value))));
}

function drawBroken(run, last) {
  const at = run.checks.length - 1;
  const anchors = last ? run.anchors.filter((anchor) => brokenAt(anchor.answers[at]).length) : [];
  const { broken, mended, never, stated } = contractCounts(run);
  $("broken-title").textContent = broken ? say("broken_n", broken, stated) : say(stated || !last ? "broken_0" : "no_contracts");
  $("broken").replaceChildren(...anchors.map((anchor) => {
    const contracts = brokenAt(anchor.answers[at]);
    const since = Math.min(...contracts.map((contract) => contract[3] ?? run.checks[at].step));
    return el("li", {},
      el("button", { type: "button", class: "link", onclick: () => open(anchor, at) }, anchor.id), " ",
      el("span", { class: "pill" }, kindName(anchor.kind)),
      el("div", { class: "quiet" }, [...contracts.map((contract) => contractName(contract[0])), say("since", since)].join(say("comma"))));
  }));
  for (const [key, count] of [["mended_n", mended], ["never_n", never]]) if (count) $("broken").append(el("li", { class: "quiet" }, say(key, count)));
}

// Each flag once, as it was last said: those that stand at the last check first, then those that are over.
function drawFlags(run) {
  const last = run.checks.length - 1, told = new Map();
  run.checks.forEach((check, at) => check.flags.forEach((flag) => {
    const key = `${flag.rule} ${flag.metric}`, first = told.get(key)?.first ?? at;
    told.set(key, { flag, first, at });
  }));
  const rows = [...told.values()].sort((a, b) => b.at - a.at || levelOf(a.flag) - levelOf(b.flag) || a.first - b.first);
  $("flags").replaceChildren(...rows.map(({ flag, first, at }) => {
    const over = at < last, steps = [first, at].map((each) => run.checks[each].step);
    return el("li", { class: "flag" },
      el("span", { class: `pill ${over ? "" : flag.level}` }, over ? say("over") : say(flag.level)), " ",
      el("strong", {}, ruleName(flag)), " ",
      el("button", { type: "button", class: "link", onclick: () => showFlag(first) }, over ? say("raised_over", ...steps) : say("raised", steps[0])),
      el("div", {}, ...visible(claim(flag))),
      inFull(flag));
  }));
  if (!rows.length) $("flags").append(el("li", { class: "quiet" }, say("no_flags")));
}
const levelOf = (flag) => (flag.level === "alarm" ? 0 : 1);

function open(anchor, step) {
  Object.assign(state, { anchor: anchor.id, step, ...NO_FILTER });
  draw();
  $("pair").scrollIntoView({ block: "start" });
  $("list").focus({ preventScroll: true });
}

function showFlag(step) {
  Object.assign(state, { step, ...NO_FILTER, flagged: true });
  draw();
  $("anchors").scrollIntoView({ block: "start" });
}
