// A list of anchors of which one is chosen, moved through by keyboard.
function fillListbox(place, found, chosen, choose, row) {
  place.replaceChildren(...found.map((anchor, at) => el("div", { class: "option", role: "option", id: `${place.id}-${at}`,
    "aria-selected": String(anchor.id === chosen), "data-id": anchor.id, onclick: () => choose(anchor.id) }, ...row(anchor))));
  if (!found.length) place.append(el("p", { class: "empty" }, say("nothing_found")));
  const at = found.findIndex((anchor) => anchor.id === chosen);
  if (at < 0) {
    place.removeAttribute("aria-activedescendant");
    return;
  }
  place.setAttribute("aria-activedescendant", `${place.id}-${at}`);
  keepInView(place, $(`${place.id}-${at}`));
}

function listenToListbox(place, find, chosen, choose) {
  place.addEventListener("keydown", (event) => {
    const found = find(), at = found.findIndex((anchor) => anchor.id === chosen());
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
    if (to === undefined || !found[to]) return;
    event.preventDefault();
    choose(found[to].id);
  });
}

// What stands in an option: the anchor, what there is to say of it in pills, and the beginning of its question.
const optionRow = (anchor, ...pills) => [
  el("div", { class: "row" }, el("strong", {}, anchor.id), ...pills),
  el("div", { class: "quiet" }, `${kindName(anchor.kind)} · `, ...visible(text(anchor.question).slice(0, 200))),
];

// The list is moved as far as it takes to see the chosen anchor; the page itself stays where it is.
function keepInView(place, option) {
  const list = place.getBoundingClientRect(), own = option.getBoundingClientRect();
  place.scrollTop += Math.min(0, own.top - list.top) + Math.max(0, own.bottom - list.bottom);
}
