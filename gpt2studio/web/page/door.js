"use strict";
// The token comes in the link's fragment, which browsers keep to themselves, and leaves the address bar at once.
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given !== null) {
  history.replaceState(null, "", location.pathname);
  const headers = { "Content-Type": "application/json" };
  fetch("/session", { method: "POST", headers, body: JSON.stringify({ token: given }) }).then((answer) => {
    if (answer.ok) location.replace("/");
    else {
      const complaint = document.getElementById("complaint");
      complaint.textContent = complaint.dataset.wrong;
    }
  });
}
