// Brings the diagram of the running flow onto the page of a grant: data-beside="URL" says where it is. The page was made
// before its own exchange was recorded, so it is asked for afterwards; live.js, flow.js and steps.js do the rest.

const place = document.querySelector("[data-beside]");

async function bring() {
  try {
    const answer = await fetch(place.dataset.beside, { headers: { accept: "text/html" } });
    if (answer.status !== 200) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const diagram = document.adoptNode(page.getElementById("diagram"));
    place.querySelector("[data-here]").replaceChildren(diagram);
    place.hidden = false;
    diagram.dispatchEvent(new CustomEvent("record:added", { bubbles: true }));
  } catch {
    // The page is whole without it, and links to the flow.
  }
}

if (place) {
  bring();
  for (const event of ["joined", "reset"]) document.addEventListener(`record:${event}`, bring);
}
