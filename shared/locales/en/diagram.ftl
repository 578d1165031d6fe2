# The living diagram: the map and the sequence of a flow, its steps, the presenting mode.

diagram-title = Diagram
diagram-views = How it is drawn
diagram-map = Map
diagram-sequence = Sequence
diagram-provider = Provider
diagram-map-folded = Where several exchanges share a line only the newest is drawn; the list has all of them.
diagram-map-all = Show every exchange: where several share a line, only the newest is shown
diagram-pause = Pause following
diagram-resume = Follow again
diagram-keys = Keys
diagram-present = Present
diagram-previous = Previous step
diagram-next = Next step
diagram-open = Open
diagram-nothing-yet = Nothing has happened yet.
diagram-step-of = Step { $number } of { $total }.
diagram-read-in-browser = read by a script, in the browser alone
diagram-fragment-stays = the part behind # stays here: never sent to any server

# --- keys
diagram-keys-title = Keys
diagram-key-next = next step
diagram-key-previous = previous step
diagram-key-open = open this step
diagram-key-pause = pause, and follow again
diagram-key-view = map or sequence
diagram-key-help = show or hide these keys
diagram-key-full = full screen
diagram-key-back = back to the flow
diagram-close = Close

# --- beside a running grant
diagram-beside-title = What really happened
diagram-beside-text = Drawn from what the servers saw, as it happens.
diagram-whole-flow = Open the whole flow

# --- presenting
diagram-present-title = { $grant }, step by step
diagram-back = Back to the flow
diagram-checks = What was decided
diagram-following = Following the newest step

# --- what stands on a chip. Suffix: the kind of the value.
diagram-value-password = password
diagram-value-client-secret = client secret
diagram-value-state = state
diagram-value-nonce = nonce
diagram-value-code = code
diagram-value-request-uri = request_uri
diagram-value-verifier = verifier
diagram-value-challenge = challenge
diagram-value-key-thumbprint = key
diagram-value-access-token = access token
diagram-value-refresh-token = refresh token
diagram-value-id-token = ID token
diagram-value-session-id = sid
diagram-value-logout-token = logout token
diagram-value-handle = handle
