// What must hold of every page (WCAG 2.2): returns a sentence for each thing that does not.
const wrong = [];
const say = (what, element) => wrong.push(element ? `${what}: ${element.outerHTML.slice(0, 160)}` : what);
const root = document.documentElement;

if (!/^(en|zh-CN)$/.test(root.lang)) say(`the page's language is ${JSON.stringify(root.lang)}`);
if (!document.title.trim() || /[{}]/.test(document.title)) say(`the title is ${JSON.stringify(document.title)}`);
if (document.querySelectorAll('h1').length !== 1) say(`${document.querySelectorAll('h1').length} first headings`);
for (const landmark of ['header', 'main', 'footer', 'nav']) {
  if (!document.querySelector(landmark)) say(`no ${landmark}`);
}
let level = 0;
for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
  const next = Number(heading.tagName[1]);
  if (next > level + 1) say(`a heading jumps from ${level} to ${next}`, heading);
  level = next;
}
for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
  if (!field.labels?.length && !field.ariaLabel && !field.getAttribute('aria-labelledby')) say('no label', field);
}
for (const control of document.querySelectorAll('a[href], button, summary')) {
  const name = control.textContent.trim() || control.ariaLabel || control.title;
  if (!name) say('no name', control);
}
for (const picture of document.querySelectorAll('img')) {
  if (!picture.hasAttribute('alt')) say('no alternative', picture);
}
for (const element of document.querySelectorAll('[tabindex]')) {
  if (element.tabIndex > 0) say('a tabindex above 0', element);
}
const ids = new Set();
for (const element of document.querySelectorAll('[id]')) {
  if (ids.has(element.id)) say('an id twice', element);
  ids.add(element.id);
}
for (const attribute of ['for', 'aria-describedby', 'aria-labelledby', 'aria-controls']) {
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    for (const id of element.getAttribute(attribute).split(/\s+/)) {
      if (!ids.has(id)) say(`${attribute} names nobody`, element);
    }
  }
}
// Text that was forgotten: a key in place of its sentence, an argument that nobody gave.
const forgotten = document.body.innerText.match(/\{ ?\$?[a-z]+(-[a-z0-9]+)+ ?\}|\{ ?\$[a-z]+ ?\}/);
if (forgotten) say(`a text that is not finished: ${forgotten[0]}`);

// Nothing is wider than the window, except what scrolls on its own.
if (root.scrollWidth > root.clientWidth) {
  const scrolls = (element) => {
    for (let e = element; e && e !== document.body; e = e.parentElement) {
      if (getComputedStyle(e).overflowX !== 'visible') return true;
    }
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > root.clientWidth + 0.5 && !scrolls(e));
  say(`${root.scrollWidth} pixels wide in a window of ${root.clientWidth}`, wide.at(-1));
}
return wrong;
