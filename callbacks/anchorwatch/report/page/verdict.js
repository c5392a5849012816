// The first screen: the verdict in one sentence, the figures behind it, the contracts broken, and the flags.
function drawVerdict() {
  const run = state.run, last = run.checks[run.checks.length - 1];
  const { level, sentence, flag, rang } = verdict(run, last);
  $("verdict").className = `card ${level}`;
  $("sentence").replaceChildren(...visible(sentence));
  $("claim").replaceChildren(...visible(flag ? claim(flag) : ""));
  const later = flag && flag.rule !== "stalled" && flag.since !== stepOf(run, rang);
  $("began").textContent = later ? capital(began(flag)) + end() : "";
  const ended = run.status === "running" ? say(last ? "running" : "running_unchecked", last?.step) : say(run.status, run.final_step ?? say("none"));
  $("about").replaceChildren(...visible(say("about", run.name, run.anchor_set.name, run.anchor_set.version, run.checks.length, ended)));
  drawFigures(run, last);
  drawBroken(run, last);
  drawFlags(run);
}

// Of the whole run: what rang and is over is told as well as what stands. A loss that is lost comes before all else.
function verdict(run, last) {
  const told = verdictOfChecks(run, last);
  const lost = run.losses.map(({ name, points }) => [capital(lossName(name)), lostSince(points)]).filter(([, since]) => since !== null);
  return lost.length ? { ...told, level: "alarm", sentence: lost.map((each) => say("v_lost", ...each)).join("") + told.sentence } : told;
}

function verdictOfChecks(run, last) {
  if (!last) return { level: "none", sentence: say("v_none") };
  if (run.checks.length === 1) return { level: "none", sentence: say("v_baseline") };
  const flags = flagsOf(run), alarms = flags.filter((each) => each.flag.level === "alarm").sort((a, b) => a.rang - b.rang);
  const standing = alarms.filter((each) => each.now === "alarm"), watch = flags.find((each) => each.now === "watch");
  const { broken, stated } = contractCounts(run);
  const contracts = broken ? say("semicolon") + say("v_and_broken", broken, stated) : "";
  if (standing.length) {
    const more = standing.length > 1 ? say("v_and_alarms", standing.length - 1) : "";
    return { level: "alarm", sentence: say("v_alarm", ruleName(standing[0].flag), stepOf(run, standing[0].rang)) + more + contracts + end(), ...as(standing[0]) };
  }
  if (alarms.length) {
    const steps = during(run, Math.min(...alarms.map((each) => each.first)), Math.max(...alarms.map((each) => each.last)));
    const names = alarms.map((each) => ruleName(each.flag)).join(say("between"));
    const rang = alarms.length > 1 ? say("v_rang_n", alarms.length, steps, names) : say("v_rang", names, steps);
    const watched = watch ? say("semicolon") + say("v_and_watch", ruleName(watch.flag)) : "";
    return { level: broken ? "alarm" : "watch", sentence: rang + contracts + watched + end(), ...as(watch) };
  }
  if (broken) return { level: "alarm", sentence: say("v_broken", broken, stated) + end(), ...as(watch) };
  if (watch) return { level: "watch", sentence: say("v_watch", ruleName(watch.flag), stepOf(run, watch.rang)) + end(), ...as(watch) };
  return { level: "calm", sentence: say(stated ? "v_calm" : "v_calm_free") };
}
const end = () => say("full_stop");
const as = (each) => each && { flag: each.said, rang: each.rang };
const stepOf = (run, at) => run.checks[at].step;
const during = (run, first, last) => (first === last ? say("step_n", stepOf(run, first)) : say("steps", stepOf(run, first), stepOf(run, last)));

// The step from which a loss is no number any more; null where its last point is one.
function lostSince(points) {
  const after = points.findLastIndex(([, value]) => typeof value === "number") + 1;
  return after < points.length ? points[after][0] : null;
}

// Each flag of a run once: as it was last said at its worst level, the checks at which it first and last had that level
// and last rang with it, as it was said last of all and at which check, and its level now, if it stands.
function flagsOf(run) {
  const told = new Map(), end = run.checks.length - 1;
  run.checks.forEach((check, at) => check.flags.forEach((flag, number) => {
    const key = `${flag.rule} ${flag.metric} ${flag.kind ?? ""}`, before = told.get(key);
    const worst = before && levelOf(before.flag) < levelOf(flag) ? { ...before }
      : { ...(before?.flag.level === flag.level ? before : { first: at, rang: at }), flag, last: at };
    if (worst.flag === flag && check.raised.includes(number)) worst.rang = at;
    told.set(key, { ...worst, said: flag, at, now: at === end ? flag.level : null });
  }));
  return [...told.values()];
}
const levelOf = (flag) => (flag.level === "alarm" ? 0 : 1);

// What a flag says, from its evidence; its own sentence where there are no words for that.
function claim(flag) {
  const loss = flag.loss;
  const beside = loss ? say({ better: "loss_better", worse: "loss_worse", lost: "loss_lost" }[loss.direction] ?? "loss_flat",
    lossName(loss.name), number(loss.before), number(loss.after)) : say("loss_none");
  const name = flag.metric ? metricName(flag.metric) : "";
  const values = { churn: [name, ...(flag.turned ?? []), beside], stalled: [percent(1 - flag.changed), beside], collapsed: [name, percent(flag.share), beside] };
  const told = word("claims", flag.rule);
  if (!flag.moved || !flag.metric) return told ? fill(told, values[flag.rule]) : flag.message;
  return say("claim", capital(name), kindName(flag.group || "all"),
    figure(flag.moved.before, flag.rate), figure(flag.moved.after, flag.rate), beside);
}

// Since when a flag holds, and what it rests on, as far as that is known.
function grounds({ rule, since, change, rate, p }) {
  return [began({ rule, since }),
    change ? say(rate ? "change_points" : "change", ...change.map((end) => signed(end, rate))) : "",
    p === null ? "" : probability(p)].filter(Boolean).join(say("semicolon"));
}

// Where nothing moved, nothing is seen since.
const began = ({ rule, since }) => say(rule === "stalled" ? "since" : "began", since);

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
    const flags = flagsOf(run), alarms = flags.filter((each) => each.flag.level === "alarm");
    const over = alarms.filter((each) => each.now !== "alarm").length;
    rows.push([say("f_alarms"), over ? say("f_over", alarms.length, over) : String(alarms.length)]);
    rows.push([say("f_watch"), String(flags.filter((each) => each.now === "watch").length)]);
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
  $("broken-title").textContent = broken ? say("broken_n", broken, stated) : say(!last ? "contracts" : stated ? "broken_0" : "no_contracts");
  $("broken").replaceChildren(...anchors.map((anchor) => {
    const contracts = brokenAt(anchor.answers[at]);
    const since = Math.min(...contracts.map((contract) => contract[3] ?? run.checks[at].step));
    return el("li", {},
      el("button", { type: "button", class: "link", onclick: () => open(anchor, at) }, anchor.id), " ",
      el("span", { class: "pill" }, kindName(anchor.kind)),
      el("div", { class: "quiet" }, [...contracts.map((contract) => contractName(contract[0])), say("since", since)].join(say("comma"))));
  }));
  if (!last) $("broken").append(el("li", { class: "quiet" }, say("v_none")));
  for (const [key, count] of [["mended_n", mended], ["never_n", never]]) if (count) $("broken").append(el("li", { class: "quiet" }, say(key, count)));
}

// Each flag once, with its worst level and what became of it: those that stand first, then those that are over.
function drawFlags(run) {
  const rows = flagsOf(run).sort((a, b) => b.at - a.at || levelOf(a.flag) - levelOf(b.flag) || a.first - b.first);
  $("flags").replaceChildren(...rows.map(({ flag, first, rang, last, now }) => {
    const over = now !== flag.level, steps = during(run, first, last);
    return el("li", { class: "flag" },
      el("span", { class: `pill ${flag.level}` }, say(flag.level)), " ",
      over ? el("span", { class: `pill ${now ?? ""}` }, say(now ? "now_watch" : "over")) : null, over ? " " : null,
      el("strong", {}, ruleName(flag)), " ",
      el("button", { type: "button", class: "link", onclick: () => showFlag(rang) }, over ? now ? steps : say("raised_over", steps) : say("raised", stepOf(run, rang))),
      el("div", {}, ...visible(claim(flag))),
      el("div", { class: "quiet grounds" }, grounds(flag)),
      inFull(flag));
  }));
  if (!rows.length) $("flags").append(el("li", { class: "quiet" }, say("no_flags")));
}

function open(anchor, step) {
  Object.assign(state, { anchor: anchor.id, step, ...NO_FILTER });
  draw();
  $("pair").scrollIntoView({ block: "start" });
  $("list").focus({ preventScroll: true });
}

// The anchors that the flags of a check name; all, where they name none.
function showFlag(step) {
  showAnchors({ step, flagged: flaggedAnchors(state.run.checks[step]).size > 0 });
}

function showAnchors(chosen) {
  Object.assign(state, NO_FILTER, chosen);
  draw();
  $("anchors").scrollIntoView({ block: "start" });
}
