// Goes to the first question of the first flow that begins after this page was opened. The ids of flows begin with
// the time at which they began. live.js tells of them.

document.addEventListener("record:flow", ({ target, detail }) => {
  const { since, flows } = target.dataset;
  if (since && detail.id.slice(0, since.length) > since) location.assign(`${flows}${detail.id}/predict`);
});
