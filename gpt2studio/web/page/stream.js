// Completions as they come, by the interface that programs use.

/** Yields {index, text, finish, model} until all is there. Throws an Error with the server's own words. */
export async function* completion(body, signal) {
  const answer = await fetch("/v1/completions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, stream: true }),
    signal,
  });
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(await complaint(answer));
  for await (const event of events(answer.body)) {
    if (event === "[DONE]") return;
    const data = JSON.parse(event);
    if (data.error) throw new Error(data.error.message);
    for (const choice of data.choices) yield { index: choice.index, text: choice.text, finish: choice.finish_reason, model: data.model };
  }
  throw new TypeError("the stream broke off");
}

async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) if (part.startsWith("data: ")) yield part.slice(6);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function complaint(answer) {
  try {
    return (await answer.json()).error.message;
  } catch {
    return `HTTP ${answer.status}`;
  }
}
