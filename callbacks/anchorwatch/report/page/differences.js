// What differs between two texts, word by word; scripts written without spaces character by character. The same
// tokens and the same joining of rewritten stretches as in report/diff.py.
const SPACELESS = "\\u0e00-\\u0eff\\u3040-\\u30ff\\u3100-\\u312f\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const MARKS = "!-\\/:-@\\[-`\\{-~¡¿«»\\u2010-\\u2027\\u2030-\\u205e\\u3000-\\u303f\\uff00-\\uff0f\\uff1a-\\uff20";
const PART = `[^\\s${SPACELESS}${MARKS}]+`;
const TOKEN = new RegExp(`[${SPACELESS}]|${PART}(?:[-'’._,]${PART})*|\\s+|.`, "gsu");
const MOST_TOKENS = 20000, MOST_MILLISECONDS = 300;

// The segments ["equal" | "delete" | "insert", text] that lead from one text to the other, a deletion before its
// insertion; null where the texts are too long and too different to be compared at once.
function differences(before, after) {
  if (before === after) return before ? [["equal", before]] : [];
  const old = before.match(TOKEN) ?? [], fresh = after.match(TOKEN) ?? [];
  const start = shared(old, fresh), end = shared(old.slice(start).reverse(), fresh.slice(start).reverse());
  const [from, to] = [old, fresh].map((tokens) => tokens.slice(start, tokens.length - end));
  if (Math.max(from.length, to.length) > MOST_TOKENS) return null;
  const found = Diff.diffArrays(from, to, { timeout: MOST_MILLISECONDS });
  if (!found) return null;
  const changes = [{ shared: "", deleted: "", inserted: "" }];
  for (const { added, removed, value } of found) {
    const stretch = value.join(""), last = changes[changes.length - 1];
    if (added) last.inserted += stretch;
    else if (removed) last.deleted += stretch;
    else changes.push({ shared: stretch, deleted: "", inserted: "" });
  }
  const middle = joined(changes).flatMap((each) => [["equal", each.shared], ["delete", each.deleted], ["insert", each.inserted]]);
  const whole = [["equal", old.slice(0, start).join("")], ...middle, ["equal", old.slice(old.length - end).join("")]];
  return whole.filter(([, stretch]) => stretch);
}

// How many tokens both begin with.
function shared(old, fresh) {
  const differs = old.findIndex((token, at) => token !== fresh[at]);
  return differs < 0 ? old.length : differs;
}

function joined(changes) {
  const whole = [];
  for (const change of changes) {
    const before = whole[whole.length - 1];
    if (before && belong(before, change)) {
      before.deleted += change.shared + change.deleted;
      before.inserted += change.shared + change.inserted;
    } else whole.push({ ...change });
  }
  return whole;
}

function belong(one, other) {
  if (!(one.deleted || one.inserted) || !(other.deleted || other.inserted)) return false;
  const rewritten = (one.deleted || other.deleted) && (one.inserted || other.inserted);
  const shorter = Math.min(...[one, other].map((each) => Math.max(each.deleted.length, each.inserted.length)));
  return Boolean(rewritten) && (other.shared.length <= shorter || !/[\p{L}\p{N}]/u.test(other.shared));
}
