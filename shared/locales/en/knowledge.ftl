# Who knows what: the matrix of values and those who may know them.

flow-nav-knowledge = Who knows what
knowledge-title = Who knows what
knowledge-lead = Each row is a value of this flow, each column somebody who may know it. A filled cell says how and since when, and opens the exchange by which the value was learned.
knowledge-empty = No value has travelled yet. The table fills while the flow runs.
knowledge-forgotten = { $count ->
    [one] One exchange of this flow has fallen out of the record; what it taught is missing here.
   *[other] { $count } exchanges of this flow have fallen out of the record; what they taught is missing here.
 }
knowledge-value = Value
knowledge-address-bar = Address bar and history
knowledge-address-bar-title = A place, not a party: what stands in an address is seen by whoever looks at the screen, by extensions and scripts, and it stays in the history.
knowledge-known = knows it
knowledge-not-known = does not know it
knowledge-step = step { $step }
knowledge-owner = of { $owner }
knowledge-numbered = { $name } { $number }
knowledge-case = { $value } · { $knower } · step { $step }
knowledge-more = Only the first 200 values are shown.
knowledge-counted = Counted is what the messages of the flow carried. What a client app prints on its own pages for you, as this one does to teach, is not counted.

# --- is that as it should be? Suffix: Exposure::name().
knowledge-exposure-expected = as it should be
knowledge-exposure-noted = take note
knowledge-exposure-exposed = exposed

# --- how it was learned. Suffix: How::name().
knowledge-how-had = had it, and sent it
knowledge-how-in-request = received it in a request
knowledge-how-in-answer = received it in the answer
knowledge-how-passed-through = carries it in a redirect
knowledge-how-read-by-script = its script read it
knowledge-how-in-address = stood in the address

# --- what the values are. Suffix: the name of the parameter.
knowledge-value-password = Password
knowledge-value-client-secret = Client secret
knowledge-value-state = State
knowledge-value-nonce = Nonce
knowledge-value-request-uri = Reference to a pushed request
knowledge-value-code = Authorization code
knowledge-value-code-verifier = Code verifier
knowledge-value-code-challenge = Code challenge
knowledge-value-jkt = Key thumbprint
knowledge-value-access-token = Access token
knowledge-value-refresh-token = Refresh token
knowledge-value-id-token = ID token

# --- where it is dangerous. Suffix: the rule's id.
knowledge-rule-password-in-address = A password stood in an address. Addresses are kept in the history and in the logs of every server on the way: the password must be changed.
knowledge-rule-password-beyond-auth-server = The person's password is known beyond the authorization server. Whoever has it can do everything that the person can, without end and without being asked again; and people learn to type it anywhere. This is why the password grant must not be used any more.
knowledge-rule-client-secret-in-browser = A client's secret came to the browser. Whoever holds the browser can take it out and pose as the client: an app that runs in a browser cannot keep a secret.
knowledge-rule-client-secret-beyond-auth-server = A client's secret was shown to somebody other than the authorization server. It proves who the client is; whoever has it can pose as the client.
knowledge-rule-code-in-address = The code stands in the address, as the protocol wants it, so the history has it, and it can leak. That is why it lives only for a short time, works once, and with PKCE is worthless without the verifier, which never passes the browser.
knowledge-rule-code-verifier-in-address = The code verifier stood in an address, because the challenge was the verifier itself (the plain method). Whoever sees the address can redeem the code: PKCE protects nothing then. S256 sends only its hash.
knowledge-rule-token-in-address = A token stood in the browser's address bar. From there it gets into the history, to every script and extension that reads the page's address, and whoever has it can call the API until it expires. This is why the implicit grant gave way to the authorization code with PKCE, where tokens never stand in an address.
knowledge-rule-refresh-token-at-api = A refresh token was sent to the API. It is meant for the authorization server alone: with it, the API could get new access tokens for itself.
