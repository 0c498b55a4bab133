"use strict";
// The token comes in the link's fragment, which browsers keep to themselves, and leaves the address bar at once.
async function enter() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  history.replaceState(null, "", location.pathname);
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/session", { method: "POST", headers, body: JSON.stringify({ token: given }) });
  if (answer.ok) location.replace("/");
  else {
    const complaint = document.getElementById("complaint");
    complaint.textContent = complaint.dataset.wrong;
  }
}

// Whoever stands at the door and pastes the link stays on the page: only its fragment is new.
addEventListener("hashchange", enter);
enter();
