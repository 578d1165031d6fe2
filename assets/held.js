// A breakpoint holds this browser. What stands behind the # of its address no server was sent, and the page that it
// waits on shall not have it either: this tab keeps it until it comes back (`resumed.js`). Runs before the page leads on.

if (location.hash) sessionStorage.setItem(`held-${document.currentScript.dataset.request}`, location.hash);
