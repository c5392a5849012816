// One anchor: what it is asked, its two answers with the words marked that differ, its contracts and its drift.
const MOST_CHARACTERS = 5000;

function drawPair() {
  const anchor = state.run.anchors.find((each) => each.id === state.anchor);
  if (!anchor) {
    $("pair").replaceChildren(el("p", { class: "quiet" }, say("nothing_found")));
    return;
  }
  $("pair").replaceChildren(...[
    el("div", { class: "title" }, el("h2", {}, anchor.id), el("span", { class: "pill" }, kindName(anchor.kind)), ...anchor.tags.map((tag) => el("span", { class: "pill" }, tag))),
    asked(anchor),
    ...(state.run.checks.length ? answered(anchor, anchor.answers[otherStep()], answerNow(anchor)) : []),
  ]);
}

function answered(anchor, other, now) {
  return [
    ...(state.run.checks.length > 1 ? history(anchor) : []),
    ...panes(paneOf(anchor, otherStep(), other), paneOf(anchor, state.step, now)),
    el("h3", {}, say("contracts")), contracts(now),
    el("h3", {}, say("heat")), ...heatLine(now),
    ...samples(other, now),
  ];
}

function asked(anchor, whose) {
  return el("div", {}, el("div", { class: "asked" }, body(text(anchor.question))),
    anchor.why ? el("p", { class: "quiet" }, `${say("why")}${say("colon")}`, ...visible(anchor.why)) : null, wholeChat(anchor, whose));
}

// All that the model was asked, where that is more than the question.
function wholeChat(anchor, whose) {
  if (anchor.chat.length === 1 && text(anchor.chat[0][1]) === text(anchor.question)) return "";
  return el("details", {}, el("summary", {}, ...visible(whose ? say("asked_in", whose) : say("whole_chat"))),
    ...anchor.chat.flatMap(([role, turn]) => [el("p", { class: "quiet" }, say(role)), el("div", { class: "asked" }, body(text(turn)))]));
}

// Every check as a cell: where this anchor changed, and where it broke a contract. The slider says the same in words.
function history(anchor) {
  const cells = state.run.checks.map((check, at) => el("span", {
    class: `${standing(anchor, at)}${at === state.step ? " now" : ""}`, title: `${say("step_n", check.step)}: ${standingName(anchor, at)}`,
    onclick: () => { state.step = at; draw(); },
  }));
  const key = ["same", "changed", "broken"].map((stands) => el("span", {}, el("i", { class: stands }), say(stands)));
  return [el("div", { "aria-hidden": "true" }, el("p", { class: "quiet" }, say("history")), el("div", { class: "history" }, ...cells), el("p", { class: "key quiet" }, ...key))];
}
function standingName(anchor, at) {
  const stands = standing(anchor, at);
  return say(stands === "none" ? "not_asked" : stands);
}

function paneOf(anchor, at, answer) {
  const { step } = state.run.checks[at];
  return { anchor, answer, title: at === 0 ? say("step_baseline", step) : say("step_n", step) };
}

// Two answers beside each other, each with the words marked that only it has.
function panes(left, right) {
  const [before, after] = [left, right].map(({ answer }) => (answer ? text(answer.text) : ""));
  const both = left.answer && right.answer;
  const marked = (both && differences(before, after)) ?? [["delete", before], ["insert", after]];
  return [
    el("div", { class: "panes" },
      pane(left, both ? marked.filter(([op]) => op !== "insert") : [["equal", before]]),
      pane(right, both ? marked.filter(([op]) => op !== "delete") : [["equal", after]])),
    both && before === after ? el("p", { class: "quiet" }, say("identical")) : "",
  ];
}

function pane({ anchor, answer, title }, segments) {
  return el("section", { class: "pane", "aria-label": title }, el("h3", {}, ...visible(title)), answer ? does(anchor, answer) : null,
    answer ? answerBody(segments) : el("p", { class: "quiet" }, say("not_asked")),
    answer?.limit ? el("p", { class: "quiet" }, say("limit", answer.limit)) : null);
}

function does(anchor, answer) {
  const wrong = (answer.contracts ?? []).some(([name, stands]) => name === "action" && !holds(stands));
  const expected = anchor.expected_actions.length ? say("expected", anchor.expected_actions.map(actionName).join(say("or"))) : "";
  return el("div", { class: "does" }, el("span", { class: `pill ${wrong ? "broken" : ""}` }, answer.action ? actionName(answer.action) : say("not_measured")), " ",
    el("span", { class: "quiet" }, ...[answer.action_reason === undefined ? "" : recorded(answer.action_reason), wrong ? expected : ""]
      .filter(Boolean).flatMap((part, at) => (at ? [say("semicolon"), part] : [part]))));
}

// Contracts of the answer, the broken ones first.
function contracts(answer) {
  const order = ["broken", "never", "mended", "held"];
  const rows = [...(answer?.contracts ?? [])].sort((a, b) => order.indexOf(a[1]) - order.indexOf(b[1]));
  if (!rows.length) return el("p", { class: "quiet" }, say("no_contracts_here"));
  return el("ul", { class: "contracts" }, ...rows.map(([name, stands, reason, since]) => el("li", { class: stands },
    el("span", { class: `pill ${stands}` }, say(stands)), el("strong", {}, contractName(name)),
    el("span", { class: "text quiet" }, recorded(reason), since === null ? "" : ` (${say("since", since)})`))));
}

function samples(other, now) {
  const listed = (answer) => el("div", { class: "pane" }, ...(answer?.samples ?? []).map((sample) => el("div", { class: "asked" }, body(text(sample)))));
  const count = now?.samples?.length ?? 0;
  return count ? [el("details", {}, el("summary", {}, say("samples", count)), el("div", { class: "panes" }, listed(other), listed(now)))] : [];
}

const body = (string) => answerBody([["equal", string]]);

// Text and nothing but text, in its own direction; a long one is cut, with a button that shows the rest.
function answerBody(segments) {
  const length = segments.reduce((sum, [, stretch]) => sum + stretch.length, 0);
  const place = el("div", { class: "text", dir: "auto", tabindex: length > 1500 ? 0 : null });
  const fill = (most) => {
    let left = most;
    place.replaceChildren(...segments.map(([op, stretch]) => {
      const shown = stretch.slice(0, Math.max(0, left));
      left -= stretch.length;
      const marked = op === "equal" ? document.createDocumentFragment() : el(op === "delete" ? "del" : "ins");
      marked.append(...visible(op !== "equal" && !shown.trim() ? shown.replaceAll(" ", "·").replaceAll("\n", "⏎\n") : shown));
      return marked;
    }));
    if (!length) place.append(el("span", { class: "quiet" }, say("empty")));
    if (left < 0) place.append("… ", el("button", { type: "button", class: "link", onclick: () => fill(Infinity) }, say("show_all", length.toLocaleString("en"))));
  };
  fill(MOST_CHARACTERS);
  return place;
}
