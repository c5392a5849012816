// The list of anchors at the chosen check: filters, and moving through it by keyboard.
const NO_FILTER = { search: "", kind: "", tag: "", changed: false, broken: false, flagged: false };
const TOGGLES = { changed: "changed", "only-broken": "broken", flagged: "flagged" };

function foundAnchors() {
  const flagged = checkNow() ? flaggedAnchors(checkNow()) : new Set();
  const wanted = state.search.trim().toLocaleLowerCase();
  return state.run.anchors.filter((anchor) => {
    const answer = answerNow(anchor), first = anchor.answers[0];
    return (!state.kind || anchor.kind === state.kind)
      && (!state.tag || anchor.tags.includes(state.tag))
      && (!state.changed || (answer && first && answer.text !== first.text))
      && (!state.broken || brokenAt(answer).length > 0)
      && (!state.flagged || flagged.has(anchor.id))
      && (!wanted || searched(anchor, answer, first).some((each) => each.toLocaleLowerCase().includes(wanted)));
  });
}

const searched = (anchor, ...answers) => [anchor.id, anchor.why, text(anchor.question), ...anchor.chat.map(([, each]) => text(each)),
  ...answers.filter(Boolean).map((answer) => text(answer.text))];

function drawList() {
  const found = foundAnchors();
  if (!found.some((anchor) => anchor.id === state.anchor)) state.anchor = found[0]?.id ?? null;
  const flagged = checkNow() ? flaggedAnchors(checkNow()) : new Set();
  $("found").textContent = say("found", found.length, state.run.anchors.length);
  fillListbox($("list"), found, state.anchor, chooseAnchor, (anchor) => {
    const stands = standing(anchor, state.step);
    return optionRow(anchor, flagged.has(anchor.id) ? el("span", { class: "pill watch", title: say("flags_here") }, "⚑") : null,
      stands === "broken" || stands === "changed" ? el("span", { class: `pill ${stands}` }, say(stands)) : null);
  });
}

function chooseAnchor(id) {
  state.anchor = id;
  draw();
}

function fillFilters() {
  const option = (value, name) => el("option", { value }, name);
  const kinds = [...new Set(state.run.anchors.map((anchor) => anchor.kind))], tags = [...new Set(state.run.anchors.flatMap((anchor) => anchor.tags))].sort();
  $("kind").replaceChildren(option("", say("every")), ...kinds.map((kind) => option(kind, kindName(kind))));
  $("tag").replaceChildren(option("", say("every")), ...tags.map((tag) => option(tag, tag)));
  $("tag-part").hidden = !tags.length;
}

function showFilters() {
  for (const name of ["search", "kind", "tag"]) if ($(name).value !== state[name]) $(name).value = state[name];
  for (const [id, name] of Object.entries(TOGGLES)) $(id).setAttribute("aria-pressed", String(state[name]));
}

function listenToFilters() {
  for (const name of ["search", "kind", "tag"]) $(name).addEventListener("input", (event) => { state[name] = event.target.value; draw(); });
  for (const [id, name] of Object.entries(TOGGLES)) $(id).addEventListener("click", () => { state[name] = !state[name]; draw(); });
  listenToListbox($("list"), foundAnchors, () => state.anchor, chooseAnchor);
}
