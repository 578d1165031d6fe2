// A browser that was held at a breakpoint comes back under an address of the breakpoint's own (`?resumed=…`). Its
// request went on as it had been; so does its address bar.

const { address } = document.documentElement.dataset;
if (address?.startsWith("/") && !address.startsWith("//")) {
  history.replaceState(history.state, "", location.origin + address + location.hash);
}
