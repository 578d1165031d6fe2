# One exchange, opened: its tabs, who can see it, why the protocol has it.

opened-step = Step { $step } of { $steps }
opened-neighbours = Before and after
opened-tabs = What is shown of this exchange
opened-in-browser = In the browser
opened-tab-words = In plain words
opened-tab-request = Request
opened-tab-response = Response
opened-tab-parameters = Parameters
opened-tab-checks = Checks
opened-tab-curl = curl
opened-facts = Besides
opened-realm-time = The realm's clock

# --- in plain words
opened-why = Why the protocol has it
opened-seen = Who can see it
opened-seen-front = It passes through the browser (front channel). The person, the browser's extensions and its developer tools can see it; a thief at this browser could, too.
opened-seen-back = It goes from server to server (back channel). The browser never sees it, nor anybody who looks over the person's shoulder.
opened-seen-in-browser = Only the browser: the person, its extensions and every script on the page. It was never sent, so no server and no log has it.
opened-seen-query = Values stand in the query of an address. Addresses stay in the history, in the logs of servers on the way, and travel on in the Referer header.
opened-seen-fragment = Values stand in the fragment, behind the #. It is sent to no server, but it stays in the address bar and the history, and every script on the page can read it.
opened-seen-logged = Values stand in the query of an address: servers on the way write it to their logs.
opened-carried = What it carried
opened-carried-nothing = None of the values that a flow is followed by.
opened-place-browser-fragment = read from the address bar
opened-came = What came of it
opened-said-no = This check said no, and decided the answer:
opened-sent-on = This did not hold yet, so the browser is sent on to make up for it:
opened-or = or
opened-now = at that moment
opened-no-checks = No check of the protocol ran here.

# --- the messages
opened-no-request = Nothing was sent: a script read this inside the browser, from the fragment of the address.
opened-more-headers = { $count ->
    [one] One more header
   *[other] { $count } more headers
 }
opened-no-body = No body.
opened-body-form = a form, decoded
opened-body-raw = As it travelled
opened-body-raw-secret = Reveal the body as it travelled, with its secret
opened-no-parameters = No parameters.

# --- as curl
opened-curl-text = The same request from a terminal. A code or a spent refresh token works once only, so the answer may differ: try it, and look at the flow that you make.
opened-curl-variables = Each secret stands as a variable: set it first, in PASSWORD or CLIENT_SECRET for instance.
opened-curl-reveal = Reveal the command with its secrets
opened-curl-gaps = Cookies and form tokens are never kept, nor are secrets outside a demo: set the variables yourself, or the shell refuses to run the command.
opened-curl-cut = The record cut the body, so this command sends less than what travelled.
opened-copy = Copy
opened-copied = Copied.
opened-selected = Selected: press Ctrl C or ⌘ C.

# --- tokens, decoded
token-title = Tokens in it, decoded
token-access = Access token
token-id = ID token
token-refresh = Refresh token
token-jwt = JWT
token-steps = Verified, step by step
token-verdict-verified = verified
token-verdict-refused = does not hold
token-verdict-issuer-unknown = issuer unknown: not verified
token-verdict-keys-away = the issuer's keys could not be fetched: not verified
token-verdict-opaque = opaque
token-opaque-text = Only the server that issued it knows what it means: there is nothing to decode.
token-as-of = As of the moment of this exchange, against the keys that the issuer publishes today.
token-then = at this exchange
token-now = by the realm's clock now
token-unreadable = Nothing of it can be read.
token-open = decoded
claim-client-id = The client that the token was issued to.
claim-scope = What the token may be used for, as words separated by spaces.
claim-iss = Who issued the token. Whoever verifies it takes the keys of the issuer that it trusts, and of no other.
claim-nonce = The nonce of the authorization request: it ties the token to this one sign-in.
claim-c-hash = Half of the code's hash: it ties the ID token to the code beside it.
claim-cnf = Which key the holder has to prove: a stolen token is worth nothing without it.
claim-header-cty = What the content is, where it is a token again.
claim-header-crit = Extensions that must be understood, or the token must be refused.
claim-header-jku = Where a key set stands. Who follows it lets the token choose its own judge.
claim-header-jwk = A key inside the token. Who trusts it lets the token vouch for itself.
claim-header-x5u = Where a certificate stands. Who follows it lets the token choose its own judge.
claim-header-x5c = A chain of certificates for the key.
claim-header-x5t = The hash of the certificate of the key.

# --- headers. Suffix: the name.
header-authorization = Who asks: a client with its secret (Basic), or the holder of a token (Bearer).
header-www-authenticate = How to authenticate here, and what was wrong with the attempt.
header-content-type = What the body is. The token endpoint takes forms and answers JSON.
header-accept = What the sender would like as an answer.
header-cache-control = Who may keep a copy. Tokens must not be kept: no-store.
header-pragma = The same for caches of HTTP/1.0.
header-location = Where the browser shall go: the way in which the front channel carries its messages.
header-retry-after = How many seconds to wait before the next attempt.
header-cookie = The browser's session with this server. Values of cookies are never kept in the record.
header-set-cookie = Begins or ends the browser's session. HttpOnly: no script reads it. SameSite: other sites cannot send it along.
header-origin = From which site a script or a form sends this.
header-referer = From which page the browser came: this is how a code in an address travels on.
header-host = Which server is meant, where several share an address.
header-user-agent = Which program asks.
header-allow = The methods that are answered here.
header-exchange-id = The number of this exchange in the record. Grantscope's own.
header-x-frame-options = No other site may show this page inside its own, and so catch clicks meant for it.
header-content-security-policy = What the page may load and run, and where its forms may go.
header-referrer-policy = Whether the browser tells the next site where it came from.
header-access-control-allow-origin = Scripts of which site may read this answer (CORS).
header-access-control-allow-headers = Which headers such a script may send.
header-access-control-allow-methods = Which methods such a script may use.
header-access-control-request-headers = Which headers the script wants to send.
header-access-control-request-method = Which method the script wants to use.
header-access-control-expose-headers = Which headers of the answer the script may read.

# --- why. Suffix: the endpoint, as in the sentences endpoint-….
why-in-browser = The implicit grant gives the token to a script, not to a server. The fragment is its way past the servers: browsers keep it to themselves. That spares the client a server, and costs safety: whatever runs on the page can take the token.
why-preflight = A browser does not let a script send a header such as Authorization to another origin unless that origin agreed. So it asks first, without any token.
why-auth-server-authorize = Here the flow begins. The client may not ask for the person's password, so it sends the browser to the only party that may, and says who it is, what it wants and where the answer shall go. Before anything else the server checks that client and redirect URI are registered: else a stranger could have codes sent to himself.
why-auth-server-get-login = The server must know whose photos these are before it asks whether they may be shown. The page is the authorization server's own: look at the address bar.
why-auth-server-post-login = The whole point of OAuth: the password goes to the server that knows it, and to nobody else. The client will get a token instead, which can do less and can be taken back.
why-auth-server-get-consent = The person decides, and has to see what about: who asks, and for which scopes.
why-auth-server-get-select-account = Several people, or one person with several accounts, use this browser: the client wants to know that it gets the right one (prompt=select_account).
why-auth-server-post-select-account = The choice is made at the authorization server, which alone knows who is signed in. The client learns of the account that was chosen, and of no other.
why-auth-server-post-consent = Only a yes from the person lets the server give out a code. The form holds an unguessable token, so that no other site can say yes in the person's name.
why-auth-server-get-logout = The end session endpoint. The ID token in id_token_hint says who asks and whose session is meant; only where it is the session of this very browser, nobody is asked again. The browser may only go on to an address that the client has registered.
why-auth-server-post-logout = The person answers: a link alone must not sign anybody out. When the session ends, so do the grants of it that were not to outlive it, and every client that was used in it is told.
why-auth-server-get-apps = Whoever allowed something must be able to see it, and to take it back.
why-auth-server-post-apps = The person takes back what was allowed: the grant and everything that came from it is revoked.
why-auth-server-token = The token endpoint is where a client trades what it has (a code, a refresh token, its own credentials) for an access token.
why-auth-server-token-authorization-code = The code came through the browser, where others may have seen it, so it is worth nothing alone. Here the client adds what the browser never saw: its secret, and the code verifier behind the challenge (PKCE). Only then, and only once, the server gives tokens.
why-auth-server-token-refresh-token = Access tokens are short-lived, so that a stolen one is soon worthless. The refresh token gets a new one without asking the person again. It travels between these two servers only, and each use replaces it: if an old one comes back, somebody has a copy.
why-auth-server-token-password = The legacy way: the person typed the password into the client, and the client passes it on. It was meant for the step from passwords to tokens. The client sees the password, there is no consent page and no second factor, so RFC 9700 forbids it.
why-auth-server-token-client-credentials = No person takes part. The client asks in its own name, as for a nightly job, and proves who it is by its secret. The token speaks for the client alone, so it opens nobody's photos.
why-auth-server-introspect = An API that cannot read a token, or wants to know whether it was revoked, asks the server that issued it (RFC 7662). It must authenticate, so that nobody can try out tokens here.
why-auth-server-revoke = Who needs a token no longer gives it back (RFC 7009), so that it is of no use to whoever finds it. The answer is the same for an unknown token: nobody learns anything by trying.
why-auth-server-userinfo = OpenID Connect: with the access token the client asks who signed in. What it is told depends on the scopes that the person allowed.
why-auth-server-jwks = The server signs its tokens with a private key and publishes the public one here. So everybody can verify a token without asking, and nobody else can make one.
why-auth-server-well-known-oauth-authorization-server = Clients need not be told each address by hand: the server describes itself (RFC 8414), endpoints, grants and algorithms.
why-auth-server-well-known-openid-configuration = Clients need not be told each address by hand: the provider describes itself (OpenID Connect Discovery), endpoints, scopes and algorithms.
why-resource-server-me = What all of this was for: the API lets in whoever shows a good token. It verifies the signature, the issuer, the audience, the expiry and the scope, and never sees a password.
why-resource-server-get-photos = What all of this was for: the API lets in whoever shows a good token. It verifies the signature, the issuer, the audience, the expiry and the scope, and never sees a password.
why-resource-server-post-photos = Writing needs more than reading: the token's scope has to allow it. A token that may only read is refused with 403 and insufficient_scope.
why-resource-server-delete-photos-id = Deleting needs more than reading: the token's scope has to allow it, and the photo has to be this person's.
why-resource-server-photos-id-picture-svg = Every single request to the API shows the token: the API keeps no session.
why-resource-server-stats = A request that is about nobody in particular: the token of a client that acts for itself is enough, if its scope allows it.
why-resource-server-well-known-oauth-protected-resource = A client that only knows the API can find out here which authorization server guards it, and which scopes there are (RFC 9728).
why-client-app-grants-grant-run = Before the browser leaves, the client makes what it will check later: state (is it the browser that I sent away?), nonce (is the ID token for this sign-in?) and a code verifier (PKCE). It keeps them with this browser's session.
why-client-app-callback = The answer comes back through the browser, so the client must not believe it at once. It checks that the state is the one it gave this browser, and that the issuer is the one it asked, before it touches the code.
why-client-app-callback-implicit = The redirect leads back to the client, but what matters stands behind the #, and that is not sent. The server can only deliver a page with a script; the script reads the rest.
why-client-app-runs-run = The client sends the browser on to a page without a code in its address, so that the code stays neither in the address bar nor in the history.
why-client-app-runs-run-call = The client-app's own page. The person presses a button, and the client calls the API with the token that it keeps: the browser does not get to see it.
why-client-app-runs-run-refresh = The client-app's own page. The person presses a button, and the client uses the refresh token that it keeps.
why-client-app-runs-run-revoke = The client-app's own page. The person presses a button, and the client gives the token back.
why-client-app-runs-run-code = An experiment: the client sends the code once more. A code is good once, and a second time is taken as a sign of theft.
why-client-app-runs-run-sign-out = The client keeps a state with this browser, and sends it to the provider's end session endpoint with the ID token as a hint. It does not end its own session yet: the provider will tell it to.
why-client-app-sign-in-sign-out = The client keeps a state with this browser, and sends it to the provider's end session endpoint with the ID token as a hint. It does not end its own session yet: the provider will tell it to.
why-client-app-signed-out = The browser comes back with the state that it was sent away with. Where neither channel has reached the client by now, it ends its session here.
why-client-app-backchannel-logout = Server to server, so no browser is needed and no cookie. The client verifies the logout token as it would an ID token, and that it is none: an event, no nonce, and never seen before. Then it drops the session's tokens.
why-client-app-frontchannel-logout = A hidden frame of the provider's page. Cookies of another site may be kept back there, so iss and sid in the address say which session is meant.
