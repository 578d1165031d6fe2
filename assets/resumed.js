// A browser that was held at a breakpoint comes back under an address of the breakpoint's own (`?resumed=…`). Its
// request went on as it had been; so does its address bar, with what `held.js` kept from behind the #.

const { address } = document.documentElement.dataset;
const kept = `held-${new URLSearchParams(location.search).get("resumed")}`;
const fragment = sessionStorage.getItem(kept) ?? location.hash;
sessionStorage.removeItem(kept);
if (address?.startsWith("/") && !address.startsWith("//")) {
  history.replaceState(history.state, "", location.origin + address + fragment);
}
