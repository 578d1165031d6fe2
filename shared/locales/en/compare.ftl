# Two flows side by side.

flow-nav-compare = Compare
compare-title = Two flows side by side
compare-first-flow = First flow
compare-second-flow = Second flow
compare-first = first
compare-second = second
compare-swap = Swap the two
compare-another = Compare the first with another flow
compare-headline = In short
compare-grants = The first is the grant “{ $left }”, the second “{ $right }”.
compare-same = The two flows are the same, step by step. Only values that are new in every run differ.
compare-decided = { $who } said no in the { $flow } flow, at step { $step }.
compare-exposed = { $value }: exposed in the { $flow } flow only ({ $knower }).
compare-cut = Only the first 500 exchanges of a flow are compared: { $left } of the first and { $right } of the second were left out.
compare-steps = Step by step
compare-same-steps = { $count ->
    [one] One step is the same
   *[other] { $count } steps are the same
 }
compare-alone-first = { $count ->
    [one] Only the first flow has this step
   *[other] Only the first flow has these { $count } steps
 }
compare-alone-second = { $count ->
    [one] Only the second flow has this step
   *[other] Only the second flow has these { $count } steps
 }
compare-extra = { $count ->
    [one] One check was made in one of the two alone
   *[other] { $count } checks were made in one of the two alone
 }
compare-upkeep = Metadata and keys are fetched once and kept: the other flow still had them.
compare-own-form = The client app's own form was filled in differently.
compare-not-there = not there
compare-differences = What differs
compare-follow = { $count ->
    [one] One more difference follows from a check that failed
   *[other] { $count } more differences follow from a check that failed
 }
compare-fits = fits the code challenge
compare-fits-not = does not fit the code challenge
compare-knowledge = Who knows what, in one and not in the other
compare-knowledge-first = All of the first flow
compare-knowledge-second = All of the second flow
compare-known = { $how }, { $step }
compare-verdicts = What can be said of one alone
compare-only-first = Only of the first
compare-only-second = Only of the second
compare-nothing = nothing
compare-fresh = Codes, states, tokens and the like are new in every run. They count as a difference only where one plays another part than in the other flow.
compare-choose = Compare it with which flow?
compare-choose-text = A good run against a broken one, PKCE against none, authorization code against implicit: any two flows can be compared.
compare-choose-none = There is no other flow in the record yet. Run a second one.
compare-list = Compare two flows
compare-list-hint = Tick two flows.
compare-list-pick = Pick for comparison: { $flow }

# --- where they part
compare-part-only-first = The first difference: only the first flow has step { $step }, { $name }.
compare-part-only-second = The first difference: only the second flow has step { $step }, { $name }.
compare-part-added = The first difference is at step { $step }: only the second flow has the parameter { $name }.
compare-part-removed = The first difference is at step { $step }: only the first flow has the parameter { $name }.
compare-part-changed = The first difference is at step { $step }: the parameter { $name } has another value.
compare-part-check = The first difference is at step { $step }: the check { $name } ended otherwise.
compare-part-other = The first difference is at step { $step }: { $name }.

# --- what differs
compare-what = What
compare-what-from = who asked
compare-what-channel = channel
compare-what-method = method
compare-what-path = path
compare-what-parameter = parameter
compare-what-header = header
compare-what-check = check
compare-what-status = status
compare-what-failure = why no answer came
