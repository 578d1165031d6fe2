# Breakpoints: the pages that hold a browser, decide what becomes of a request, and set where requests wait.
hold-title = Held at a breakpoint
hold-text = This request waits before the server gets it. Your browser goes to the page that holds it.
hold-go = Go there
answered-title = Answered by a breakpoint
answered-text = The server never got this request. Somebody stopped it and gave this answer in the server’s place.
answered-on = Breakpoints and what waits

control-title = Breakpoints
control-lead = Stop a request inside a server, before the server’s own code sees it. Look at it, let it go on, change it, drop it, or answer in the server’s place: for our client app and for any other client.
control-bar = Run, step and breakpoints
control-mode = Run or step
control-run = Run
control-step = Step
control-run-title = Only breakpoints stop a request
control-step-title = Every request waits until you let it go on
control-run-text = Requests run. Only those at a breakpoint wait.
control-step-text = Every observed request of this realm waits, one by one. “Next” lets the oldest go on.
control-waiting = What waits now
control-waits = { $count ->
    [one] 1 request waits
   *[other] { $count } requests wait
}
control-nothing-waits = Nothing waits. Set a breakpoint below, then run a grant; this page shows what comes.
control-next = Next
control-release = Let all go on
control-open = Look and change
control-continue = Continue
control-change = Continue with these changes
control-drop = Drop
control-answer = Answer with an error
control-going = decided, on its way
control-until = { $minutes ->
    [one] It goes on by itself within a minute.
   *[other] It goes on by itself within { $minutes } minutes.
}
control-passed = { $count ->
    [one] 1 request passed without waiting, because too many waited or it was too large.
   *[other] { $count } requests passed without waiting, because too many waited or they were too large.
}
control-breakpoints = Breakpoints that are set
control-no-breakpoints = None. Every request runs through.
control-remove = Remove
control-clear = Remove all, and run
control-set-title = Set a breakpoint
control-set-text = Every observed route of the three services, as they really mount them.
control-set = Stop here
control-break-here = Stop here next time
control-client = Only for this client
control-client-hint = A client_id, such as web; empty for every client.
control-flow = In which flows
control-flow-every = Every flow of this realm
control-flow-only = Only this flow ({ $grant }):
control-flow-hint = A request belongs to the flow by a value that it carries: its state, its challenge or the verifier of it, a code or a token, as soon as the record knows that value. A request that carries none of them is not stopped.
control-one-flow = one flow only
control-limits = At most { $realm } requests of one realm wait at once, { $all } in all, each at most { $minutes } minutes. While anything waits, the realm’s clock stands still. As JSON:

paused-title = A request waits
paused-held = Your browser is held here.
paused-held-text = What you sent has not reached the server yet. Decide below, or from any other tab: this tab then goes on by itself. Leave it open: when it is closed, nothing waits here any more.
paused-noscript = This page asks again every three seconds.
paused-noscript-edit = Stop that, to write.
paused-noscript-wait = Done writing: ask again every three seconds.
paused-refused = That could not be done with this request. It still waits.
paused-clock = The realm’s clock stands still, so nothing expires meanwhile.
paused-by-page = The browser is held by a page.
paused-by-connection = The caller waits on an open connection.
paused-no-parameters = This request has no parameters.
paused-leave-out = leave out
paused-quick = Go on at once with one change of { $name }
paused-omit = Go on without it
paused-flip = Go on with one character changed
paused-hidden = hidden; empty keeps it as it is
paused-add = Add a parameter
paused-add-name = Name
paused-add-value = Value
paused-add-place = Where
paused-headers = Headers that can be changed
paused-honest = The record tells the truth: it keeps what the server really received, and notes what was changed and what had been sent.
paused-answer-text = The server never gets the request; the record says that a breakpoint answered.
paused-status = Status
paused-go-on = Go on
paused-see = See it in its flow

fate-title-continued = It went on
fate-text-continued = The request went on to the server as it came.
fate-title-changed = It went on, changed
fate-text-changed = The server received the changed request and decides by its own checks.
fate-title-dropped = It was dropped
fate-text-dropped = The server never received this request, and there is no answer to show.
fate-title-answered = A breakpoint answered
fate-text-answered = The server never received this request; somebody gave an error in its place.
fate-title-released = It was let go
fate-text-released = Nobody decided about it alone: the request went on as it came. Everything that waited was let go, the limit of waiting was reached, the page that held the browser was left, the record was cleared, or a service stopped.
fate-title-left = Its sender is gone
fate-text-left = The caller hung up, or the browser did not come back. The server never received this request.
fate-title-going = It goes on
fate-text-going = It is decided. The browser that was held goes on by itself as long as its page is open; if it does not come back within a minute, the server never gets this request.
fate-title-unknown = Nothing waits here
fate-text-unknown = No request with this id waits in this realm, or it went on a while ago.
