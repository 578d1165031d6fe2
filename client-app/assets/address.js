// A refused callback may have brought a code in the query. It was not used; it need not stay in the address bar and
// the history either.

if (location.search) history.replaceState(null, "", location.pathname);
