// The text and who wrote which part of it: a list of runs, never changed in place, so that old ones can be kept.

const HIGH = /[\ud800-\udbff]$/;

export class Manuscript {
  constructor() {
    this.runs = [];
    this.past = [];
    this.future = [];
    this.typing = -Infinity;
  }

  get text() {
    return this.runs.map((run) => run.text).join("");
  }

  /** Whether the last thing done was the model's. */
  get modelWasLast() {
    return this.past.length > 0 && this.past.at(-1).by === "model";
  }

  /** A step begins that take back will undo. */
  begin(by) {
    this.past.push({ by, runs: this.runs });
    if (this.past.length > 500) this.past.shift();
    this.future = [];
    this.typing = -Infinity;
  }

  append(text) {
    if (text) this.runs = joined([...this.runs, { who: "model", text }]);
  }

  /** The person has changed the text to this one; the caret stands behind what they typed. */
  edit(text, caret, now) {
    const old = this.text;
    if (text === old) return;
    if (now - this.typing > 1500) this.begin("person");
    this.typing = now;
    let after = 0;
    const mostAfter = Math.min(old.length, text.length - caret);
    while (after < mostAfter && old[old.length - 1 - after] === text[text.length - 1 - after]) after++;
    let before = 0;
    const mostBefore = Math.min(old.length, text.length) - after;
    while (before < mostBefore && old[before] === text[before]) before++;
    if (HIGH.test(text.slice(0, before))) before--;
    if (/^[\udc00-\udfff]/.test(text.slice(text.length - after))) after--;
    this.runs = joined([
      ...part(this.runs, 0, before),
      { who: "person", text: text.slice(before, text.length - after) },
      ...part(this.runs, old.length - after, old.length),
    ]);
    this.future = [];
  }

  /** Undo the last step; whether there was one. */
  takeBack() {
    return this.walk(this.past, this.future);
  }

  bringBack() {
    return this.walk(this.future, this.past);
  }

  walk(from, to) {
    const step = from.pop();
    if (!step) return false;
    to.push({ by: step.by, runs: this.runs });
    this.runs = step.runs;
    this.typing = -Infinity;
    return true;
  }

  /** A step that brought nothing is none. */
  forgetIfEmpty() {
    if (this.past.length && this.past.at(-1).runs === this.runs) this.past.pop();
  }
}

function part(runs, start, end) {
  const found = [];
  let at = 0;
  for (const run of runs) {
    const text = run.text.slice(Math.max(start - at, 0), Math.max(end - at, 0));
    if (text) found.push({ who: run.who, text });
    at += run.text.length;
  }
  return found;
}

function joined(runs) {
  const found = [];
  for (const run of runs) {
    if (!run.text) continue;
    const last = found.at(-1);
    if (last && last.who === run.who) found[found.length - 1] = { who: run.who, text: last.text + run.text };
    else found.push(run);
  }
  return found;
}
