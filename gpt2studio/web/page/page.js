// The page: what the keys and buttons do, and how the text is shown.

import { load, loadRuns, save } from "./keep.js";
import { Manuscript } from "./manuscript.js";
import { completion } from "./stream.js";

const $ = (id) => document.getElementById(id);
const config = JSON.parse(document.body.dataset.config);
const words = JSON.parse(document.body.dataset.words);
const DEFAULTS = { temperature: config.sampling.temperature, top_k: config.sampling.top_k, top_p: config.sampling.top_p, length: 64, seed: "" };
const WAY_LENGTH = 24;
const manuscript = new Manuscript();
const field = $("text");
// So that the queue can tell two people behind one address apart; nothing about who they are.
const user = crypto.getRandomValues(new Uint32Array(2)).join("-");
let running = null;
let ways = null;

// --- shown -----------------------------------------------------------------------------------------------------------

function say(text, trouble = false) {
  $("status").textContent = text;
  $("status").classList.toggle("trouble", trouble);
}

function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Ink and field as the manuscript has it. */
function show(caret = null) {
  const atEnd = field.selectionStart === field.value.length;
  const selection = [field.selectionStart, field.selectionEnd];
  const ink = $("ink");
  manuscript.runs.forEach((run, number) => {
    let span = ink.children[number];
    if (!span) span = ink.appendChild(document.createElement("span"));
    if (span.className !== run.who) span.className = run.who;
    if (span.textContent !== run.text) span.textContent = run.text;
  });
  while (ink.children.length > manuscript.runs.length) ink.lastChild.remove();
  const text = manuscript.text;
  if (field.value !== text) {
    field.value = text;
    if (caret !== null || atEnd) field.setSelectionRange(caret ?? text.length, caret ?? text.length);
    else field.setSelectionRange(...selection);
  }
}

function enable() {
  $("go").textContent = running ? words.stop : words.go_on;
  $("again").disabled = Boolean(running) || !manuscript.modelWasLast;
  $("back").disabled = manuscript.past.length === 0;
  $("three").disabled = Boolean(running);
  $("clear").disabled = manuscript.runs.length === 0;
}

function keepText() {
  save("text", manuscript.runs);
}

/** How much of the text's end lies behind the buttons, or below them. */
function hidden() {
  const [paper, bar] = [".paper", ".bar"].map((name) => document.querySelector(name).getBoundingClientRect());
  return Math.max(0, paper.bottom - bar.top);
}

/** Keeps the end of the text in view where it was in view before: whoever scrolls up meanwhile reads on there. */
function followEnd(act) {
  const near = hidden() < 80;
  act();
  if (near) scrollBy(0, hidden());
}

// --- the model -------------------------------------------------------------------------------------------------------

function dial(name) {
  const input = $(name);
  const value = input.valueAsNumber;
  return Number.isFinite(value) && input.validity.valid ? value : DEFAULTS[name];
}

function request(n) {
  const { sampling, model } = config;
  const seed = dial("seed");
  return {
    model, n, user, prompt: manuscript.text, heal: true, max_tokens: dial("length"), ...sampling,
    temperature: dial("temperature"), top_k: dial("top_k"), top_p: dial("top_p"),
    seed: seed === "" ? crypto.getRandomValues(new Uint32Array(1))[0] : seed,
  };
}

/** Another model may be served by now than when the page was opened. */
function name(model) {
  if (model === config.model) return;
  config.model = model;
  document.querySelector("h1").textContent = model;
  document.title = `${model} · gpt2studio`;
}

/** Streams a completion into `take`, as often as the screen can show it; says how it went. */
async function stream(body, take) {
  const control = new AbortController();
  const mine = (running = { control, stopped: false });
  const waiting = setTimeout(() => say(words.waiting), 1200);
  let pending = [];
  let tokens = 0;
  let first = 0;
  let frame = 0;
  const flush = () => {
    frame = 0;
    const pieces = pending;
    pending = [];
    if (pieces.length) followEnd(() => take(pieces));
  };
  say(words.writing);
  enable();
  let finish = "";
  try {
    for await (const piece of completion(body, control.signal)) {
      if (mine.stopped) break;
      clearTimeout(waiting);
      if (!first) {
        first = performance.now();
        say(words.writing);
      }
      name(piece.model);
      if (piece.finish) finish = piece.finish;
      else tokens++;
      pending.push(piece);
      frame ||= requestAnimationFrame(flush);
    }
    if (!mine.stopped) {
      flush();
      const rate = Math.round((tokens - 1) / Math.max((performance.now() - first) / 1000, 0.001));
      if (!tokens) say(words.nothing);
      else say(filled(words.done, { tokens, rate, seed: body.seed }) + (finish === "stop" && body.n === 1 ? ` · ${words.ended}` : ""));
    }
  } catch (error) {
    if (!mine.stopped) {
      flush();
      say(error instanceof TypeError ? words.lost : filled(words.refused, { message: error.message }), true);
    }
  } finally {
    clearTimeout(waiting);
    cancelAnimationFrame(frame);
    if (running === mine) running = null;
    enable();
  }
}

/** Ends what is running; what is on the page stays. */
function stop(quietly = false) {
  if (!running) return;
  running.stopped = true;
  running.control.abort();
  running = null;
  if (!quietly) say(words.stopped);
  enable();
}

async function goOn() {
  closeWays();
  scrollBy(0, hidden());
  manuscript.begin("model");
  const before = manuscript.text.length;
  await stream(request(1), (pieces) => {
    manuscript.append(pieces.map((piece) => piece.text).join(""));
    show();
    keepText();
  });
  manuscript.forgetIfEmpty();
  $("heard").textContent = filled(words.model_wrote, { text: manuscript.text.slice(before) });
  keepText();
  enable();
}

async function tryAgain() {
  if (running || !manuscript.modelWasLast) return;
  manuscript.takeBack();
  // A chosen seed would give the same text again: the next one is tried, for all to see.
  if (dial("seed") !== "") {
    $("seed").value = dial("seed") + 1;
    keepDials();
  }
  show();
  await goOn();
}

// --- three ways ------------------------------------------------------------------------------------------------------

async function threeWays() {
  stop(true);
  const mine = (ways = ["", "", ""]);
  const list = $("ways").querySelector("ol");
  list.replaceChildren(...mine.map((_, number) => way(number)));
  $("ways").hidden = false;
  list.querySelector("button").focus();
  const asked = request(3);
  await stream({ ...asked, max_tokens: Math.min(asked.max_tokens, WAY_LENGTH) }, (pieces) => {
    if (ways !== mine) return;
    for (const piece of pieces) mine[piece.index] += piece.text;
    list.querySelectorAll(".what").forEach((what, number) => (what.textContent = mine[number]));
    $("ways").scrollIntoView({ block: "nearest" });
  });
}

function way(number) {
  const item = document.createElement("li");
  const button = item.appendChild(document.createElement("button"));
  button.type = "button";
  button.className = "way";
  for (const [name, text] of [["number", `${number + 1}`], ["what", ""]]) {
    const span = button.appendChild(document.createElement("span"));
    span.className = name;
    span.textContent = text;
  }
  button.addEventListener("click", () => take(number));
  return item;
}

/** Takes one, and asks for three more. */
function take(number) {
  const text = ways?.[number];
  if (!text) return;
  stop(true);
  manuscript.begin("model");
  manuscript.append(text);
  show(manuscript.text.length);
  keepText();
  threeWays();
}

function closeWays() {
  if (!ways) return;
  stop(true);
  ways = null;
  $("ways").hidden = true;
  say("");
  field.focus();
}

// --- keys and buttons ------------------------------------------------------------------------------------------------

function walk(back) {
  stop(true);
  if (!(back ? manuscript.takeBack() : manuscript.bringBack())) return;
  if (back) say(words.back);
  show(manuscript.runs.reduce((length, run) => length + run.text.length, 0));
  keepText();
  enable();
}

function typed() {
  stop(true);
  if (ways) {
    ways = null;
    $("ways").hidden = true;
  }
  manuscript.edit(field.value, field.selectionEnd, performance.now());
  show();
  keepText();
  enable();
}

function keys(event) {
  const command = event.ctrlKey || event.metaKey;
  if (event.isComposing) return;
  if (command && event.key === "Enter") {
    event.preventDefault();
    if (event.shiftKey) threeWays();
    else if (running) stop();
    else goOn();
  } else if (event.key === "Escape") {
    if (ways) closeWays();
    else stop();
  } else if (command && event.target === field && ["z", "y"].includes(event.key.toLowerCase())) {
    event.preventDefault();
    walk(event.key.toLowerCase() === "z" && !event.shiftKey);
  } else if (ways && event.target.closest?.("#ways") && /^[1-3]$/.test(event.key) && !command) {
    take(Number(event.key) - 1);
  }
}

async function copy() {
  try {
    await navigator.clipboard.writeText(manuscript.text);
  } catch {
    // Browsers have no clipboard for pages without TLS on a network: the old way works there.
    field.focus();
    field.select();
    document.execCommand("copy");
  }
  say(words.copied);
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([manuscript.text], { type: "text/plain;charset=utf-8" }));
  link.download = `${config.model.replace(/[^\w.-]+/g, "-")}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function clear() {
  stop(true);
  manuscript.begin("person");
  manuscript.runs = [];
  show();
  keepText();
  say("");
  enable();
  field.focus();
}

function keepDials() {
  save("dials", Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, $(name).value])));
}

function setDials(values) {
  for (const name of Object.keys(DEFAULTS)) $(name).value = values[name] ?? DEFAULTS[name];
}

function theme(next) {
  if (next) document.documentElement.dataset.theme = next;
  else delete document.documentElement.dataset.theme;
}

function turnTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  const next = dark ? "light" : "dark";
  theme(next);
  save("theme", next);
}

function begin() {
  const clicks = {
    go: () => (running ? stop() : goOn()), again: tryAgain, back: () => walk(true), three: threeWays, close: closeWays,
    copy, download, clear, theme: turnTheme,
    reset: () => { setDials(DEFAULTS); keepDials(); },
  };
  for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
  $("length").max = config.most.length;
  setDials(load("dials", {}));
  for (const name of Object.keys(DEFAULTS)) $(name).addEventListener("change", keepDials);
  field.addEventListener("input", typed);
  field.addEventListener("compositionstart", () => stop(true));
  document.addEventListener("keydown", keys);
  $("more").addEventListener("toggle", () => $("more").open && $("more").scrollIntoView({ block: "nearest" }));
  addEventListener("pagehide", keepText);
  theme(load("theme", ""));
  manuscript.runs = loadRuns();
  $("theme").hidden = false;
  $("studio").hidden = false;
  show(manuscript.text.length);
  enable();
  field.focus({ preventScroll: true });
}

begin();
