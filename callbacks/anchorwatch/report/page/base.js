// The data, the state of the page, and what every part uses: words, figures, elements that hold text and nothing else.
const DATA = JSON.parse(document.getElementById("data").textContent);
const BASELINE = "baseline", PREVIOUS = "previous", DRIFT = "logprob_lost";

const state = {
  language: remembered("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"),
  theme: remembered("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
  view: "run", run: null, step: 0, against: BASELINE, anchor: null,
  search: "", kind: "", tag: "", changed: false, broken: false, flagged: false,
  other: null, pair: null, like: "", all_metrics: false, course: null,
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

const fill = (words, values) => words.replace(/\{(\d)\}/g, (_, at) => values[at]);
const say = (key, ...values) => fill(WORDS[state.language][key], values);
// The language's word for a name; undefined where it has none.
const word = (table, name) => (Object.hasOwn(WORDS[state.language][table], name) ? WORDS[state.language][table][name] : undefined);
const kindName = (kind) => word("kinds", kind) ?? kind.replace(/^tag_/, `${say("tag")} `);
// A flag about drift speaks of what no text shows yet.
const early = (rule, metric) => (metric === DRIFT ? `${rule}_early` : rule);
const ruleName = ({ rule, metric }) => word("rules", early(rule, metric)) ?? word("rules", rule) ?? rule;
function metricName(metric) {
  const [, table, label] = /^(action|language)_(.+)$/.exec(metric) ?? [];
  const labelled = table && word("labels", table);
  return word("metrics", metric) ?? (labelled ? labelled + (word("actions", label) ?? label) : DATA.names.metrics[metric] ?? metric);
}
const lossName = (name) => word("losses", name) ?? name.replaceAll("_", " ");
const capital = (words) => words.slice(0, 1).toUpperCase() + words.slice(1);
const causeName = (cause) => word("causes", cause) ?? cause;
const actionName = (action) => word("actions", action) ?? DATA.names.actions[action] ?? action;
const contractName = (name) => word("contract_names", name) ?? (name.startsWith("metrics.") ? metricName(name.slice(8)) : name.replaceAll("_", " "));

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
const code = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
const visible = (string) => string.split(STEERS).map((part, at) => (at % 2 ? el("span", { class: "code" }, code(part)) : part));
const spelled = (string) => string.replace(STEERS, code);

function percent(share) { return share === null ? say("none") : `${Math.floor(100 * share + 0.5)}%`; }
function number(value) {
  if (value === null || value === undefined) return say("none");
  if (typeof value === "string") return value; // not a finite number
  const size = Math.abs(value);
  const shown = size >= 1000 && size < 1e9 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
  return shown.replace("-", "−");
}
const figure = (value, rate) => (rate ? percent(value) : number(value));
// A difference with its sign, of rates in points.
function signed(value, rate) {
  if (value === null || value === undefined) return say("none");
  const shown = number(rate ? Math.round(100 * value) : value);
  return shown.startsWith("−") || shown === "0" ? shown : `+${shown}`;
}
const probability = (p) => (p < 0.001 ? "p < .001" : `p = ${String(Number(p.toPrecision(2))).replace(/^0/, "")}`);

// The check on the slider, and what one anchor is compared with there; undefined where it was not asked.
const checkNow = () => state.run.checks[state.step];
const answerNow = (anchor) => anchor.answers[state.step] ?? undefined;
function otherStep() {
  if (state.against === BASELINE) return 0;
  return state.against === PREVIOUS ? Math.max(0, state.step - 1) : Number(state.against);
}
const brokenAt = (answer) => (answer?.contracts ?? []).filter((contract) => contract[1] === "broken");
const holds = (stands) => stands === "held" || stands === "mended";

// What happened to an anchor at a check, in one word.
function standing(anchor, step) {
  const answer = anchor.answers[step], first = anchor.answers[0];
  if (!answer) return "none";
  if (brokenAt(answer).length) return "broken";
  return first && first.text !== answer.text ? "changed" : "same";
}
const flaggedAnchors = (check) => new Set(check.flags.flatMap((flag) => flag.anchors));
