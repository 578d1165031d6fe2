# The record: flows, exchanges, parties, channels, verdicts. The sentences of checks and parameters have files of their own.

# --- the list of flows
record-flows-title = Flows
record-flows-lead = Every flow that passed through these three servers, the newest first: yours, and those of any other client. Open one to read each request and each decision.
record-flows-empty = Nothing has happened yet.
record-flows-begin = Run a grant
record-flows-curl = Or be a stranger, in a terminal:
record-live = Live
record-live-lost = Connection lost; trying again
record-kept = { $count ->
    [one] 1 exchange kept
   *[other] { $count } exchanges kept
 }
record-forgotten = { $count } older ones were dropped to make room
record-dropped = { $count } never arrived
record-shed = { $count } left out on purpose: they came faster than the record keeps pace
record-clear = Clear this record
record-clear-sure = Forget every flow of this realm?
record-exchanges = { $count ->
    [one] 1 exchange
   *[other] { $count } exchanges
 }
record-incomplete = not complete
record-client = Client
record-person = Person
record-error = error { $error }

# --- one flow
record-exchanges-title = What happened, in order
record-verdicts = What can be said of it
record-refused-by = Refused by
record-did-not-hold = This did not hold:
record-flow-forgotten = { $count ->
    [one] One exchange of this flow has fallen out of the record.
   *[other] { $count } exchanges of this flow have fallen out of the record.
 }
record-as-json = The same as JSON:
record-unknown-title = This flow is not in the record
record-unknown-text = It never was, or it has fallen out: the record keeps the last hour, as far as there is room, and begins anew when the client app starts.
record-unknown-back = All flows

# --- one exchange
record-to = to
record-stays-in-browser = Stays in the browser, never sent to any server
record-fragment-text = The part behind the # belongs to the browser alone: it is in the address bar, in the history, and open to every script on the page, but no request carries it.
record-no-status = no answer
record-leads-to = The browser is sent on to
record-open = Open
record-checks-passed = { $count ->
    [one] 1 check passed
   *[other] { $count } checks passed
 }
record-carried = Values it carried
record-checks-count = { $passed } passed, { $failed } failed, { $missed } not reached
record-expected = expected
record-got = got
record-parameters = Parameters
record-parameter-name = Parameter
record-parameter-value = Value
record-parameter-meaning = What it is for
record-parameter-unknown = Not a parameter of OAuth.
record-place-request-query = in the address
record-place-request-header = in the Authorization header
record-place-request-body = in the body
record-place-redirect-query = in the address of the redirect
record-place-redirect-fragment = in the fragment of the redirect
record-place-response-body = in the answer
record-reveal = Reveal
record-request = Full request
record-response = Full response
record-body = Body
record-cut = Not all of it was kept: { $bytes } bytes travelled.
record-id = Exchange
record-began = Began
record-observed-by = Observed by
record-sender-waited = The sender waited
record-caused-by = Caused by

# --- who. Suffix: Party::role().
party-browser = Browser
party-client-app = Client app
party-auth-server = Authorization server
party-resource-server = Resource server
party-stranger = Stranger
party-subject-browser = The browser
party-subject-client-app = The client app
party-subject-auth-server = The authorization server
party-subject-resource-server = The resource server
party-subject-stranger = { $name }

# --- which way
channel-front = front channel
channel-front-title = Through the browser: its user, its history and its scripts can see it.
channel-back = back channel
channel-back-title = Server to server: the browser never sees it.

# --- which grant. Suffix: Grant::name().
grant-name-authorization-code = Authorization code
grant-name-implicit = Implicit
grant-name-password = Password
grant-name-client-credentials = Client credentials
grant-name-jwt-bearer = JWT bearer
grant-name-refresh-token = Refresh token
grant-name-logout = Signing out
grant-name-mixed = Several grants
grant-name-unknown = A request on its own

# --- how it ended
status-succeeded = Succeeded
status-refused = Refused
status-open = Open
outcome-passed = passed
outcome-failed = failed
outcome-not-reached = not reached
outcome-good = good
outcome-care = take care
outcome-bad = bad

# --- an exchange in a sentence: who asks for what …
record-asks = { $from } asks for { $method } { $path }.
record-two-sentences = { $first } { $second }
record-listed = { $first }, { $next }
record-fragment-received = A script in the browser reads the answer from the fragment of the address. No server was sent it.
endpoint-preflight = { $from } asks first whether a script of another site may make the next call (CORS).
endpoint-auth-server-authorize = { $from } brings the client's request: may this client have access?
endpoint-auth-server-get-login = { $from } opens the sign-in page.
endpoint-auth-server-post-login = { $from } sends the user name and the password, to the authorization server alone.
endpoint-auth-server-get-select-account = { $from } opens the page that asks which account to use.
endpoint-auth-server-post-select-account = { $from } sends which account the person chose.
endpoint-auth-server-get-consent = { $from } opens the page that asks for consent.
endpoint-auth-server-post-consent = { $from } sends the person's decision.
endpoint-auth-server-get-logout = { $from } opens the sign-out page.
endpoint-auth-server-post-logout = { $from } signs the person out.
endpoint-auth-server-get-apps = { $from } opens the list of apps that may act for the person.
endpoint-auth-server-post-apps = { $from } takes an app's access back.
endpoint-auth-server-token = { $from } asks for a token.
endpoint-auth-server-token-authorization-code = { $from } trades the code for tokens.
endpoint-auth-server-token-refresh-token = { $from } trades the refresh token for new tokens.
endpoint-auth-server-token-password = { $from } hands over a person's password and asks for a token.
endpoint-auth-server-token-client-credentials = { $from } asks for a token in its own name.
endpoint-auth-server-introspect = { $from } asks whether a token is still good.
endpoint-auth-server-revoke = { $from } gives a token back, so that nobody can use it any more.
endpoint-auth-server-userinfo = { $from } asks who the person is.
endpoint-auth-server-jwks = { $from } fetches the public keys that tokens are verified with.
endpoint-auth-server-well-known-oauth-authorization-server = { $from } reads what this authorization server can do.
endpoint-auth-server-well-known-openid-configuration = { $from } reads what this OpenID provider can do.
endpoint-resource-server-me = { $from } asks the API whose token this is.
endpoint-resource-server-get-photos = { $from } asks the API for the photos.
endpoint-resource-server-post-photos = { $from } adds a photo through the API.
endpoint-resource-server-delete-photos-id = { $from } deletes a photo through the API.
endpoint-resource-server-photos-id-picture-svg = { $from } asks the API for one picture.
endpoint-resource-server-stats = { $from } asks the API for its figures.
endpoint-resource-server-well-known-oauth-protected-resource = { $from } reads what this API expects.
endpoint-client-app-grants-grant-run = { $from } starts a grant at the client app.
endpoint-client-app-callback = { $from } comes back to the client app with the answer.
endpoint-client-app-callback-implicit = { $from } comes back to the client app. The answer is in the fragment, so the client app's server does not get it.
endpoint-client-app-runs-run = { $from } opens the page that shows what the client app got.
endpoint-client-app-runs-run-call = { $from } has the client app call the API.
endpoint-client-app-runs-run-refresh = { $from } has the client app refresh its token.
endpoint-client-app-runs-run-revoke = { $from } has the client app give its token back.
endpoint-client-app-runs-run-code = { $from } has the client app try the code.
endpoint-client-app-runs-run-sign-out = { $from } asks the client app to sign out at the provider.
endpoint-client-app-sign-in-sign-out = { $from } asks the client app to sign out at the provider.
endpoint-client-app-signed-out = { $from } comes back to the client app from signing out.
endpoint-client-app-backchannel-logout = { $from } tells the client app that a session has ended.
endpoint-client-app-frontchannel-logout = { $from } loads the client app's sign-out address in a frame.

# --- … and what comes of it
record-goes-through-browser = It goes through the browser.
record-goes-server-to-server = It goes from server to server.
record-answer-redirect = Answer { $status }: the browser is sent on to { $place }.
record-answer-form-post = Answer { $status }: a page whose form the browser posts to { $place }.
record-answer-tokens = Answer { $status }, with { $tokens }.
record-answer-error = Answer { $status }: no, { $error }.
record-answer-not-yet = Answer { $status }: not yet, { $error }.
record-answer-yes = Answer { $status }.
record-answer-no = Answer { $status }: no.
record-no-answer = No answer came.

# --- what can be said of a flow. Suffix: the verdict's id.
verdict-pkce-s256-used = PKCE with S256: a stolen code is worthless
verdict-pkce-plain-used = PKCE with the plain method: the secret itself passed the browser
verdict-pkce-not-used = No PKCE: only the client's secret protects the code
verdict-pkce-verifier-mismatch = The code verifier did not fit: refused
verdict-state-checked = state was sent, and checked when it came back
verdict-state-sent = state was sent; nobody was seen checking it
verdict-state-left-to-pkce = No state: PKCE ties the answer to this browser instead
verdict-state-left-to-nonce = No state: the nonce of the ID token ties the answer to this browser, if the client checks it
verdict-state-not-sent = No state: the answer is not tied to this browser
verdict-state-mismatch = The state did not match: refused
verdict-iss-checked = The issuer of the answer was checked
verdict-client-authenticated = The client proved who it is
verdict-client-public = A public client: it has no secret to prove itself with
verdict-password-only-at-auth-server = The password went to the authorization server alone
verdict-password-seen-by-client = The client app saw the person's password
verdict-token-in-url = An access token stood in an address
verdict-token-back-channel-only = Tokens travelled on the back channel only
verdict-code-replayed = A code was used a second time: refused, and its tokens revoked
verdict-refresh-rotated = The refresh token was replaced by a new one
verdict-refresh-reused = A spent refresh token came back: refused
verdict-consent-denied = Consent was denied
verdict-scope-narrowed = Less was granted than was asked for
verdict-id-token-verified = The ID token's signature was verified
verdict-api-called = The API accepted the token

## The pages of one flow

flow-nav = The pages of this flow
flow-nav-diagram = Diagram
