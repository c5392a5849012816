// The anchors of two runs: which got better and worse, and what both answered to the one that is chosen.
const LIKE = ["", "worse", "better", "differs"];

// How an anchor fared in the other run, as the terminal counts: worse, else better; and whether its text differs.
function waysOf(against, id) {
  const [worse, better] = against.switched[id] ?? [[], []];
  const [one, other] = [reference, sideOf(against.run)].map((side) => answerOf(side, id));
  return [worse.length ? "worse" : better.length ? "better" : null, one?.text !== other?.text && "differs"].filter(Boolean);
}
const anchorOf = (side, id) => side.run.anchors.find((anchor) => anchor.id === id);
const answerOf = (side, id) => anchorOf(side, id)?.answers[side.check] ?? undefined;

function answersLike(against, like) {
  const order = (ways) => (ways.includes("worse") ? 0 : ways.includes("better") ? 1 : ways.length ? 2 : 3);
  return COMPARISON.anchors.map((id) => ({ id, ways: waysOf(against, id) }))
    .filter(({ ways }) => !like || ways.includes(like)).sort((a, b) => order(a.ways) - order(b.ways));
}
const foundAnswers = () => answersLike(chosenAgainst(), state.like).map(({ id }) => anchorOf(reference, id));
const firstAnswer = () => foundAnswers()[0]?.id ?? null;

const PILLS = { worse: "broken", better: "mended", differs: "changed" };
function drawAnswers() {
  const against = chosenAgainst();
  const names = ["all_anchors", "worse_n", "better_n", "differing_n"];
  $("like").replaceChildren(...LIKE.map((like, at) => el("button", { type: "button", class: "toggle", "aria-pressed": String(like === state.like), "data-like": like,
    onclick: () => chooseLike(like) }, say(names[at], answersLike(against, like).length))));
  const found = foundAnswers();
  if (!found.some(({ id }) => id === state.pair)) state.pair = found[0]?.id ?? null;
  fillListbox($("answers"), found, state.pair, choosePair, (anchor) => {
    const [way] = waysOf(against, anchor.id);
    return optionRow(anchor, way ? el("span", { class: `pill ${PILLS[way]}` }, say(way)) : null);
  });
  drawBoth(against);
}

function chooseLike(like) {
  state.like = like;
  drawAnswers();
  $("like").querySelector(`[data-like="${like}"]`).focus();
}

function choosePair(id) {
  state.pair = id;
  drawAnswers();
}

function drawBoth(against) {
  if (!state.pair) {
    $("both").replaceChildren(el("p", { class: "quiet" }, say("nothing_found")));
    return;
  }
  const sides = [reference, sideOf(against.run)];
  const both = sides.map((side) => ({ side, anchor: anchorOf(side, state.pair), answer: answerOf(side, state.pair) }));
  const [{ anchor }, other] = both;
  const ways = waysOf(against, anchor.id).filter((way) => way !== "differs");
  $("both").replaceChildren(
    el("div", { class: "title" }, el("h2", {}, anchor.id), el("span", { class: "pill" }, kindName(anchor.kind)),
      ...anchor.tags.map((tag) => el("span", { class: "pill" }, tag)), ...ways.map((way) => el("span", { class: `pill ${PILLS[way]}` }, say(way)))),
    asked(anchor, sideName(reference)), JSON.stringify(anchor.chat) === JSON.stringify(other.anchor.chat) ? "" : wholeChat(other.anchor, sideName(other.side)),
    ...panes(...both.map((one) => ({ ...one, title: `${sideName(one.side)} · ${say("step_n", one.side.run.checks[one.side.check].step)}` }))),
    el("h3", {}, say("contracts")), bothContracts(both),
    el("p", {}, ...sides.map((side) => el("button", { type: "button", class: "link", onclick: () => showAnchor(side, anchor.id) }, ...visible(say("open_run", sideName(side)))))));
}

// Every contract that both runs were held to, those that hold in one alone first, with what was found in either.
function bothContracts(both) {
  const [{ anchor }] = both;
  if (COMPARISON.other_expectations.includes(anchor.id)) return el("p", { class: "quiet" }, say("unlike"));
  const [one, other] = both.map(({ answer }) => new Map((answer?.contracts ?? []).map((contract) => [contract[0], contract])));
  const rows = [...one.keys()].filter((name) => other.has(name)).map((name) => {
    const held = [one, other].map((contracts) => holds(contracts.get(name)[1]));
    const way = held[0] === held[1] ? (held[0] ? "both_hold" : "both_broken") : held[0] ? "worse" : "better";
    return { name, way, reasons: [one, other].map((contracts) => contracts.get(name)[2]) };
  });
  if (!rows.length) return el("p", { class: "quiet" }, say("no_contracts_here"));
  const order = ["worse", "better", "both_broken", "both_hold"];
  rows.sort((a, b) => order.indexOf(a.way) - order.indexOf(b.way));
  return el("ul", { class: "contracts" }, ...rows.map(({ name, way, reasons }) => el("li", {}, el("span", { class: `pill ${PILLS[way] ?? ""}` }, say(way)),
    el("strong", {}, contractName(name)), el("span", { class: "text quiet" },
      ...(reasons[0] === reasons[1] ? [recorded(reasons[0])] : both.flatMap(({ side }, at) => [at ? say("semicolon") : "", el("b", {}, side.label), " ", recorded(reasons[at])]))))));
}

function showAnchor(side, id) {
  show(side.place);
  const anchor = state.run.anchors.find((each) => each.id === id);
  if (anchor) open(anchor, side.check);
}

function listenToAnswers() {
  listenToListbox($("answers"), foundAnswers, () => state.pair, choosePair);
}
