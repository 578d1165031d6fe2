# Breakpoints: the page that holds a browser, and the answer that a breakpoint gives.
hold-title = Held at a breakpoint
hold-text = This request waits before the server gets it. Your browser goes to the page that holds it.
hold-go = Go there
answered-title = Answered by a breakpoint
answered-text = The server never got this request. Somebody stopped it and gave this answer in the server’s place.
answered-on = Breakpoints and what waits
