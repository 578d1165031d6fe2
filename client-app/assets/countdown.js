// Lets the bar of the token's life run down. The server decides; this only moves what it has said.

for (const bar of document.querySelectorAll("progress[data-left]")) {
  const left = Number(bar.dataset.left);
  const started = performance.now();
  const step = () => {
    const now = Math.max(0, left - (performance.now() - started) / 1000);
    bar.value = now;
    bar.classList.toggle("is-late", now < bar.max / 5);
    if (now > 0) setTimeout(step, 1000);
  };
  step();
}
