// What outlives a reload: in this browser alone, where it allows that.

export function load(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`gpt2studio ${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function save(name, value) {
  try {
    localStorage.setItem(`gpt2studio ${name}`, JSON.stringify(value));
  } catch {
    // Private windows and full disks: the page works, it only forgets.
  }
}

/** Runs as they were saved; nothing where it is not what this page saves. */
export function loadRuns() {
  const runs = load("text", []);
  const good = Array.isArray(runs) && runs.every((run) => run && typeof run.text === "string");
  return good ? runs.map((run) => ({ who: run.who === "model" ? "model" : "person", text: run.text })) : [];
}
