// The data, the state of the page, and what every part uses: words, figures, elements that hold text and nothing else.
const DATA = JSON.parse(document.getElementById("data").textContent);
const BASELINE = "baseline", PREVIOUS = "previous", DRIFT = "logprob_lost";

const state = {
  language: remembered("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"),
  theme: remembered("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
  run: null, step: 0, against: BASELINE, anchor: null,
  search: "", kind: "", tag: "", changed: false, broken: false, flagged: false,
};

const $ = (id) => document.getElementById(id);
const text = (number) => DATA.texts[number] ?? "";

// A page opened from disk may have no storage, or forbid it.
function remembered(name) {
  try { return localStorage.getItem(`anchorwatch.${name}`); } catch { return null; }
}
function remember(name, value) {
  try { localStorage.setItem(`anchorwatch.${name}`, value); } catch { /* asked again next time */ }
}

function say(key, ...values) {
  return WORDS[state.language][key].replace(/\{(\d)\}/g, (_, at) => values[at]);
}
const kindName = (kind) => WORDS[state.language].kinds[kind] ?? kind.replace(/^tag_/, `${say("tag")} `);
// A flag about drift speaks of what no text shows yet.
function ruleName({ rule, metric }) {
  const { rules } = WORDS[state.language];
  return (metric === DRIFT && rules[`${rule}_early`]) || rules[rule] || rule;
}
const metricName = (metric) => WORDS[state.language].metrics[metric] ?? DATA.names.metrics[metric] ?? metric;
const actionName = (action) => WORDS[state.language].actions[action] ?? DATA.names.actions[action] ?? action;
const contractName = (name) => WORDS[state.language].contract_names[name] ?? name.replace(/^metrics\./, "").replaceAll("_", " ");

// An element with attributes; what stands in it is other elements, or strings, which become text and never markup.
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// Control and format characters could hide, reorder or fake what is read: they are shown by their code, as in a terminal.
const STEERS = /((?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}])/gu;
function visible(string) {
  return string.split(STEERS).map((part, at) => {
    if (at % 2 === 0) return part;
    return el("span", { class: "code" }, `U+${part.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  });
}

function percent(share) { return share === null ? say("none") : `${Math.floor(100 * share + 0.5)}%`; }
function number(value) {
  if (value === null || value === undefined) return say("none");
  const size = Math.abs(value);
  const shown = size >= 1000 && size < 1e9 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
  return shown.replace("-", "−");
}
const figure = (value, rate) => (rate ? percent(value) : number(value));

// The check on the slider, and what one anchor is compared with there; undefined where it was not asked.
const checkNow = () => state.run.checks[state.step];
const answerNow = (anchor) => anchor.answers[state.step] ?? undefined;
function otherStep() {
  if (state.against === BASELINE) return 0;
  return state.against === PREVIOUS ? Math.max(0, state.step - 1) : Number(state.against);
}
const brokenAt = (answer) => (answer?.contracts ?? []).filter((contract) => contract[1] === "broken");

// What happened to an anchor at a check, in one word.
function standing(anchor, step) {
  const answer = anchor.answers[step], first = anchor.answers[0];
  if (!answer) return "none";
  if (brokenAt(answer).length) return "broken";
  return first && first.text !== answer.text ? "changed" : "same";
}
const flaggedAnchors = (check) => new Set(check.flags.flatMap((flag) => flag.anchors));
