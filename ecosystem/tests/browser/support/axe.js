// Asks axe-core, which stands above this text, what is wrong with the page: each serious finding as a sentence.
// What is still moving is judged where it comes to rest.
for (const animation of document.getAnimations()) {
  try { animation.finish(); } catch { animation.cancel(); }
}
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then(
  ({ violations }) => {
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    done(serious.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `axe ${id}: ${help}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`)));
  },
  (error) => done([`axe does not run: ${error}`]),
);
