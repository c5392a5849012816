// Puts the parts together: the header, the slider, and what is drawn again when something is chosen.
function drawWords() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.documentElement.style.colorScheme = state.theme;
  document.querySelectorAll("[data-say]").forEach((each) => { each.textContent = say(each.dataset.say); });
  document.querySelectorAll("[data-say-label]").forEach((each) => each.setAttribute("aria-label", say(each.dataset.sayLabel)));
  document.querySelectorAll("[data-say-placeholder]").forEach((each) => { each.placeholder = say(each.dataset.sayPlaceholder); });
  $("language").textContent = say("language");
  $("language").lang = state.language === "zh" ? "en" : "zh-CN";
  $("theme").textContent = say(state.theme === "dark" ? "light" : "dark");
  fillRuns();
  const elsewhere = (state.run?.elsewhere ?? []).map((place) => say("also_in", ...place));
  $("footer").replaceChildren(...visible([say("written", DATA.anchorwatch, new Date(DATA.written_at).toLocaleString(state.language)), ...elsewhere].join(" ")));
  document.title = `${state.run?.name ?? say("all_compared", compared.length)} · anchorwatch`;
}

function drawBar() {
  const { checks } = state.run, slider = $("step");
  $("bar").hidden = !checks.length;
  if (!checks.length) return;
  slider.max = checks.length - 1;
  slider.value = state.step;
  slider.disabled = checks.length < 2;
  const check = checkNow(), anchor = state.run.anchors.find((each) => each.id === state.anchor);
  const name = state.step === 0 ? say("step_baseline", check.step) : say("step_name", check.step, state.step + 1, checks.length);
  const shown = check.trigger === "drift" ? `${name}, ${say("trigger_drift")}` : name;
  $("step-name").textContent = shown;
  slider.setAttribute("aria-valuetext", anchor ? `${shown}; ${anchor.id}: ${standingName(anchor, state.step)}` : shown);
  const option = (value, label) => el("option", { value, selected: String(value) === String(state.against) }, label);
  $("against").replaceChildren(option(BASELINE, say("option_baseline")), option(PREVIOUS, say("option_previous")),
    ...checks.slice(1).map((each, at) => option(at + 1, say("step_n", each.step))));
}

// What depends on the chosen check, anchor and filters.
function draw() {
  showFilters();
  drawList();
  drawBar();
  drawPair();
  drawn.refresh.forEach((refresh) => refresh());
}

// What depends on the view, the language and the theme too.
function drawAll() {
  drawWords();
  drawNotice();
  $("comparison-view").hidden = state.view !== "comparison";
  $("run-view").hidden = state.view !== "run";
  document.querySelector(".skip").hash = state.view === "comparison" ? "answers" : "anchors";
  $("back").hidden = !comparable || state.view === "comparison";
  if (state.view === "comparison") {
    drawComparison();
    return;
  }
  drawVerdict();
  fillFilters();
  drawCharts();
  draw();
}

// The comparison, or a run by its place.
function show(view) {
  state.view = view === "comparison" ? "comparison" : "run";
  state.run = view === "comparison" ? null : DATA.runs[view];
  if (state.run) {
    const last = state.run.checks.length - 1;
    Object.assign(state, NO_FILTER, { step: Math.max(0, last), against: BASELINE });
    state.anchor = (state.run.anchors.find((anchor) => brokenAt(anchor.answers[last]).length)
      ?? state.run.anchors.find((anchor) => standing(anchor, last) === "changed") ?? state.run.anchors[0])?.id ?? null;
  }
  drawAll();
  scrollTo(0, 0);
}

function fillRuns() {
  const runs = DATA.runs.map((run, at) => el("option", { value: at }, spelled(`${run.name} (${run.id.slice(0, 8)})`)));
  if (comparable) runs.unshift(el("option", { value: "comparison" }, say("all_compared", compared.length)));
  $("run").replaceChildren(...runs);
  $("run").value = state.view === "comparison" ? "comparison" : DATA.runs.indexOf(state.run);
  $("run").title = $("run").selectedOptions[0].textContent;
}

$("run").addEventListener("change", (event) => show(event.target.value));
$("step").addEventListener("input", (event) => { state.step = Number(event.target.value); draw(); });
$("against").addEventListener("change", (event) => { state.against = event.target.value; draw(); });
$("language").addEventListener("click", () => { remember("language", state.language = state.language === "zh" ? "en" : "zh"); drawAll(); });
$("theme").addEventListener("click", () => { remember("theme", state.theme = state.theme === "dark" ? "light" : "dark"); drawAll(); });
listenToFilters();
listenToComparison();
if (comparable) {
  state.other = compared[1].label;
  state.pair = firstAnswer();
}
show(comparable ? "comparison" : 0);
