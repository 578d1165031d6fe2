# The lessons. `code` in backticks is shown as code; RFC 6749 §4.1 becomes a link to that section.

# --- common to all
lesson-index-title = Lessons
lesson-index-lead = Ten short lessons, in an order that makes sense. Each explains one thing and then points into your own last run, so that you see it where it really happened.
lesson-index-ran = you have run this
lesson-section-why = Why it exists
lesson-section-who = Who may use it
lesson-section-how = How it works
lesson-section-wrong = What goes wrong
lesson-section-modern = What to do today
lesson-your-run = In your own run
lesson-run-own = You ran this at { $time } UTC. Here is where it happened:
lesson-run-newest = No run of this browser's own is known. This is the newest run in this realm, from { $time } UTC:
lesson-run-first = Nothing has been run here yet. Run it first; then this list leads to the very requests.
lesson-run-code = Run the authorization code grant
lesson-run-code-without-pkce = Run it with PKCE going wrong
lesson-run-implicit = Run the implicit grant
lesson-run-password = Run the password grant
lesson-run-machine = Run client credentials
lesson-run-refresh = Get tokens and refresh them
lesson-run-again = Run it again
lesson-open-run = Open this run
lesson-step = step { $step } of { $count }
lesson-not-in-run = Did not happen in this run.
lesson-look = Look closely
lesson-look-text = Decide on your answer before you open it.
lesson-break = Break it
lesson-compare = Put two runs side by side
lesson-side-by-side = Compare the two runs
lesson-sources = Where it is written
lesson-neighbours = Lesson before and after
lesson-all = All lessons
lesson-to-knowledge = Who knows what in your run
lesson-to-flow = See the whole run
lesson-to-exchange = See that request
lesson-to-break = Break your run
lesson-to-lifetimes = See the lifetimes
lesson-to-page = Go there
lesson-figure-front = dashed: through the browser, which sees it
lesson-figure-back = solid: server to server
lesson-stays = stays in the browser
lesson-inside = a step of its own
lesson-lane-browser = Browser
lesson-lane-client-app = Client app
lesson-lane-auth-server = Auth server
lesson-lane-resource-server = Resource server

# --- authorization code
lesson-authorization-code-title = Authorization code
lesson-authorization-code-lead = The client app asks for a code, then trades the code for a token, server to server. It is the safest grant, and the one for every client app with a back end (RFC 6749 §4.1).
lesson-authorization-code-arrow-1 = “Show me my photos”
lesson-authorization-code-arrow-2 = GET /authorize: may this client come in?
lesson-authorization-code-arrow-3 = 302 back, with a code in the address
lesson-authorization-code-arrow-4 = GET /callback?code=…&state=…
lesson-authorization-code-arrow-5 = POST /token: code, client secret, verifier
lesson-authorization-code-arrow-6 = 200: access token
lesson-authorization-code-arrow-7 = GET /photos with the access token
lesson-authorization-code-why-1 = Alice wants the print shop to show her photos. She must not give it her password: with that, it could do everything she can, for as long as it likes (RFC 6749 §1).
lesson-authorization-code-why-2 = So she goes to the provider herself, signs in there, and says what the print shop may do. The provider has to tell the print shop about it. The only road from one to the other is her browser.
lesson-authorization-code-why-3 = A browser is a bad courier for a token. What it carries stands in the address bar, in the history and in logs (RFC 9700 §4.3). So it carries a code: a claim ticket, good once and for a minute. The token itself is handed over where no browser is, from server to server (RFC 6749 §1.3.1).
lesson-authorization-code-who-1 = Any client app that acts for a person and has a back end. The back end holds the client secret and shows it when it trades the code (RFC 6749 §3.2.1).
lesson-authorization-code-who-2 = An app without a back end, on a phone or wholly in the browser, uses this grant too. It has no secret, so PKCE takes the secret's place (RFC 8252 §6, RFC 9700 §2.1.1).
lesson-authorization-code-wrong-1 = The code is stolen on its way. Alone it is worth little: the thief lacks the client secret and the verifier. If it is redeemed twice, the server refuses and revokes what the code had given (RFC 6749 §4.1.2).
lesson-authorization-code-wrong-2 = The code goes to the wrong address. That is why the server compares the redirect URI with the registered one, character by character (RFC 9700 §2.1).
lesson-authorization-code-wrong-3 = A stranger's code is slipped into Alice's browser, and her shop is tied to his account. `state` and PKCE stop that (RFC 6749 §10.12, RFC 9700 §4.5).
lesson-authorization-code-modern-1 = This. With PKCE for every client, also for those that have a secret (RFC 9700 §2.1.1), an exact redirect URI, and `iss` in the answer so that the client knows who is speaking (RFC 9207 §2).
lesson-authorization-code-see-asks = The browser brings the client's request to the auth server. Read the address: everybody who sees it knows all of this.
lesson-authorization-code-see-signs-in = Alice's password goes to the auth server and to nobody else.
lesson-authorization-code-see-decides = She says yes or no.
lesson-authorization-code-see-code-given = The auth server answers with a redirect. The code stands in its `Location`.
lesson-authorization-code-see-code-arrives = The code comes back here, with the `state` of the beginning.
lesson-authorization-code-see-trade = The code is traded for tokens. The browser takes no part in this request.
lesson-authorization-code-see-api = The token is used for the first time.
lesson-authorization-code-look-1 = Which values were in the address bar at some time?
lesson-authorization-code-look-1-answer = `state`, `code_challenge` and the code. No token, no secret, no verifier. In the table, the column of the address bar and history shows it.
lesson-authorization-code-look-2 = The code is in the address bar. Why is that not a leak?
lesson-authorization-code-look-2-answer = Because a code alone opens nothing. It dies after 60 seconds here (RFC 6749 §4.1.2 recommends ten minutes at most), works once, and must come with the client's secret and the verifier.
lesson-authorization-code-look-3 = By what does the auth server know that it is the print shop that trades the code?
lesson-authorization-code-look-3-answer = By the client secret in the `Authorization` header (RFC 6749 §2.3.1), and by the `code_verifier` that fits the challenge of the beginning (RFC 7636 §4.6).
lesson-authorization-code-look-4 = Does the print shop ever learn Alice's password?
lesson-authorization-code-look-4-answer = No. In the row of the password, the client app's cell stays empty. This one empty cell is why OAuth exists.
lesson-authorization-code-break-1 = Send the same code twice. Which check says no, and what becomes of the token that you already have?
lesson-authorization-code-break-2 = Change one character of `redirect_uri`. The auth server shows its own error page instead of sending the browser on. Why must it not redirect here (RFC 6749 §4.1.2.1)?
lesson-authorization-code-break-3 = Hold the code back for more than a minute, then trade it.
lesson-authorization-code-compare-1 = Against implicit: which requests are missing there, and where does the token stand instead?
lesson-authorization-code-compare-2 = Against password: who learns the password in each?

# --- front and back channel
lesson-channels-title = Front channel and back channel
lesson-channels-lead = A request can go through the browser, or from server to server. Which of the two it takes decides who can see it, and so what it may carry.
lesson-channels-arrow-1 = state, code_challenge: nothing secret
lesson-channels-arrow-2 = 302 back: the code
lesson-channels-arrow-3 = the code arrives
lesson-channels-arrow-4 = code, client secret, verifier
lesson-channels-arrow-5 = access token, refresh token
lesson-channels-why-1 = Two parties want to exchange something while a third stands between them. In OAuth the third is the browser: the client app and the auth server can both reach it, and at first they know of each other only through it (RFC 6749 §3.1).
lesson-channels-how-1 = Front channel: a server answers with a redirect, and the browser makes a new request elsewhere. It is one message in two hops, and both pass through the address bar (RFC 6749 §1.7).
lesson-channels-how-2 = Back channel: the client app opens a connection of its own to `/token`, over TLS, and proves who it is (RFC 6749 §3.2). The browser does not even know that this happens.
lesson-channels-how-3 = So the rule is short. Through the browser goes what may be seen: the request, `state`, the challenge, the code. From server to server goes what may not: the client secret, the verifier, the tokens (RFC 9700 §2.1.2).
lesson-channels-wrong-1 = An address is remembered: in the history, in the logs of every server and proxy on the way, and in `Referer` when a page links elsewhere (RFC 9700 §4.2, RFC 9700 §4.3).
lesson-channels-wrong-2 = A person can change what goes through her browser, and so can an attacker who lures it. A client must treat everything from the front channel as a claim: `state` proves that the browser is the same, the back channel proves the rest (RFC 6749 §10.12).
lesson-channels-wrong-3 = The part behind the `#` is not sent to servers, which sounds safe. But scripts read it, and it stays in the history all the same (RFC 9700 §4.3.2).
lesson-channels-modern-1 = Let the front channel carry a code and nothing better. Let the back channel carry the tokens, and keep them on the server (RFC 9700 §2.1.2).
lesson-channels-see-asks = Front channel. The whole request stands in the address.
lesson-channels-see-code-given = A redirect is two arrows: this answer goes down to the browser …
lesson-channels-see-code-arrives = … and this request goes up from it. The server on either side never spoke to the other.
lesson-channels-see-trade = Back channel. It was sent while your browser was waiting for the answer to its own request.
lesson-channels-look-1 = Which party knows the client secret, and which the code?
lesson-channels-look-1-answer = The secret: client app and auth server, nobody else. The code: those two and the browser. The difference is the channel.
lesson-channels-look-2 = In the redirect, what would somebody read who looks over Alice's shoulder?
lesson-channels-look-2-answer = `code`, `state` and `iss`. Enough to try his luck, not enough to get a token: he cannot show the secret or the verifier.
lesson-channels-look-3 = How does the auth server know who is calling `/token`? No cookie is sent.
lesson-channels-look-3-answer = The client shows its own credentials, here HTTP Basic with its id and secret (RFC 6749 §2.3.1). Alice's session plays no part in the back channel.
lesson-channels-break-1 = Change the `state` on its way through the browser. Who notices?
lesson-channels-break-2 = Run implicit and watch a token take the front channel.
lesson-channels-compare-1 = Against implicit: the same browser, the same person, but the token changed roads.
lesson-channels-compare-2 = Against client credentials: a flow that has no front channel at all.

# --- PKCE
lesson-pkce-title = With and without PKCE
lesson-pkce-lead = PKCE (say “pixy”) ties the code to the one who asked for it. Whoever redeems it must know a secret that was made at the beginning and never went through the browser (RFC 7636 §1).
lesson-pkce-arrow-1 = makes a random verifier, takes its SHA-256
lesson-pkce-arrow-2 = /authorize with the hash: code_challenge
lesson-pkce-arrow-3 = 302 back, with a code
lesson-pkce-arrow-4 = the code arrives
lesson-pkce-arrow-5 = code and code_verifier
lesson-pkce-arrow-6 = SHA-256(verifier) = challenge?
lesson-pkce-why-1 = A code passes through the browser, so somebody may catch it: another app on the phone that answers to the same address, a log, a page with a hole in it (RFC 7636 §1).
lesson-pkce-why-2 = A confidential client has a secret to fall back on. A public client has none: without PKCE, whoever holds its code gets its tokens.
lesson-pkce-how-1 = Before it sends Alice away, the client makes 32 random bytes, writes them as 43 characters and keeps them: the verifier (RFC 7636 §4.1).
lesson-pkce-how-2 = It sends along only their SHA-256, the challenge. From the hash nobody gets back to the verifier (RFC 7636 §4.2).
lesson-pkce-how-3 = The auth server keeps the challenge with the code. When the code comes to be traded, the client shows the verifier. The server hashes it itself and compares (RFC 7636 §4.6).
lesson-pkce-wrong-1 = The method `plain`: challenge and verifier are the same text, so whoever reads the first request knows both. Use `S256` (RFC 7636 §4.2).
lesson-pkce-wrong-2 = Downgrade. An attacker removes the challenge from the request, and later the verifier is missing too. A server must refuse a verifier without a challenge, and a challenge without a verifier (RFC 9700 §4.8.2).
lesson-pkce-wrong-3 = Injection. The attacker does not steal a code, he slips his own into Alice's browser. Her client then shows the verifier of her own run, which does not fit (RFC 9700 §4.5.3).
lesson-pkce-modern-1 = PKCE with `S256` for every client that uses codes, public or not. Public clients must; for the others it is the recommended answer to injected codes (RFC 9700 §2.1.1).
lesson-pkce-modern-2 = It does not replace the client secret: the secret says who is asking, PKCE says that it is the same run.
lesson-pkce-see-challenge = Here goes the challenge, in the address bar for everyone to see.
lesson-pkce-see-code-arrives = Here comes the code. Whoever catches it has this much and no more.
lesson-pkce-see-verifier = Here the verifier appears for the first time, server to server. Open the checks: `pkce.s256` says what was compared.
lesson-pkce-look-1 = Who knew the verifier before the trade, and who knows it now?
lesson-pkce-look-1-answer = Before: the client app alone. Now: the auth server too. The browser: never. That is the whole idea.
lesson-pkce-look-2 = Could the challenge be turned back into the verifier?
lesson-pkce-look-2-answer = No. SHA-256 runs one way, and 256 random bits cannot be guessed (RFC 7636 §7.1).
lesson-pkce-look-3 = Which checks about PKCE did `/token` run, and in which order?
lesson-pkce-look-3-answer = First that there is a verifier because there was a challenge, then its form, then the hash. The first that fails decides.
lesson-pkce-break-1 = Be the thief: redeem a right code with a wrong verifier.
lesson-pkce-break-2 = Leave out `code_challenge`. At this provider PKCE is demanded, so the request is refused at once, before anybody signs in.
lesson-pkce-break-3 = Leave out `code_verifier` in the trade.
lesson-pkce-compare-1 = A good run beside one in which PKCE is missing or does not fit: find the first request that differs, and the check that said no.

# --- state and iss
lesson-state-title = state and iss: is this answer mine?
lesson-state-lead = The callback is an address that anybody can call. Two small parameters tell the client whether to believe it: `state` says that this browser began here, `iss` says who is answering.
lesson-state-arrow-1 = makes a random state, ties it to this browser
lesson-state-arrow-2 = /authorize?…&state=…
lesson-state-arrow-3 = 302 back: code, the same state, iss
lesson-state-arrow-4 = GET /callback?code=…&state=…&iss=…
lesson-state-arrow-5 = same state? right issuer? then use the code
lesson-state-why-1 = Mallory runs the flow himself up to the code, and stops. Then he has Alice's browser open `/callback?code=…` with his code, by a link. If the client takes it, Alice is working in Mallory's account without knowing it: whatever she uploads is his (RFC 6749 §10.12).
lesson-state-why-2 = A client that works with several auth servers has another worry. An answer comes: from which of them? If one is evil, it can make the client carry an honest server's code to it. That is a mix-up (RFC 9207 §1).
lesson-state-how-1 = The client makes a value that cannot be guessed, keeps it with the browser's session and sends it along. The auth server returns it unchanged. On return the client compares: same browser, same value, used once (RFC 6749 §4.1.1).
lesson-state-how-2 = The auth server adds `iss`, its own name, to the answer. The client compares it with the one it asked, and only then touches the code (RFC 9207 §2.4).
lesson-state-wrong-1 = A constant, or a counter, as `state`: it can be guessed, so it protects nothing (RFC 6749 §10.10).
lesson-state-wrong-2 = A `state` that is not tied to the browser: then Mallory can simply use one of his own.
lesson-state-wrong-3 = Checking it after the trade. By then the wrong code has been used.
lesson-state-modern-1 = Check `state`, then `iss`, then trade the code. PKCE, or with OpenID Connect the `nonce`, protects against the forged callback as well; where the client can be sure of them, `state` is free to carry other things (RFC 9700 §2.1).
lesson-state-see-asks = The `state` goes out with the browser.
lesson-state-see-comes-back = The auth server returns it unchanged, and signs its name: `iss`.
lesson-state-see-checked = The client app judges the callback. Open the checks: `state.matches` and `iss.matches` come before anything else.
lesson-state-look-1 = Is `state` a secret?
lesson-state-look-1-answer = Not for long: it stands in two addresses. It need only be unknown to others until the browser comes back, and be of no use a second time.
lesson-state-look-2 = What would happen if you reloaded the callback?
lesson-state-look-2-answer = The client refuses. A `state` is good once; it cannot tell a reload from a replay, and need not.
lesson-state-look-3 = Does the auth server check the `state`?
lesson-state-look-3-answer = No, it only hands it back. Only the client can know which browser it belongs to.
lesson-state-break-1 = Come back with a `state` that is not yours. See that the code is not touched: there is no request to `/token`.
lesson-state-break-2 = Change one character of `state`, or leave it out.

# --- scopes and consent
lesson-scopes-title = Scopes and consent
lesson-scopes-lead = A scope is what a token is good for. The client asks for some, Alice allows some of those, and the API checks at each call (RFC 6749 §3.3).
lesson-scopes-arrow-1 = scope=photos:read photos:write
lesson-scopes-arrow-2 = may it? Alice unticks photos:write
lesson-scopes-arrow-3 = token with scope=photos:read
lesson-scopes-arrow-4 = GET /photos: 200
lesson-scopes-arrow-5 = POST /photos: 403 insufficient_scope
lesson-scopes-why-1 = With Alice's password, the print shop could do everything. With a token it can do what the scope says: look at photos, but not delete them (RFC 6749 §1).
lesson-scopes-why-2 = A token that leaks does as much harm as its scope allows. So ask for little (RFC 9700 §2.3).
lesson-scopes-how-1 = Names separated by spaces, in an order that means nothing: `photos:read photos:write`. What each name means is for the provider to say (RFC 6749 §3.3).
lesson-scopes-how-2 = Three filters, one after the other: what the client is registered for, what Alice allows on the consent page, and what the call needs. The token carries what is left after the first two.
lesson-scopes-how-3 = If less was granted than was asked for, the token response must say so in `scope` (RFC 6749 §5.1). A good client reads it and hides the button that would not work.
lesson-scopes-wrong-1 = Asking for everything at once, just in case. People learn to press Allow without reading. Ask when it is needed.
lesson-scopes-wrong-2 = Taking a scope for a permission of the person. `photos:write` says that the app may try; whether this photo is Alice's is a second question, which the API must ask too.
lesson-scopes-wrong-3 = An API that checks the signature and forgets the scope. Then every token of the provider opens every door.
lesson-scopes-modern-1 = Small scopes, asked for step by step, checked at every endpoint. And a token for one API only, by its audience (RFC 9700 §2.3).
lesson-scopes-see-asks = What the client asks for.
lesson-scopes-see-decides = What Alice answers. She may untick single scopes.
lesson-scopes-see-granted = What was granted, in `scope` of the token response.
lesson-scopes-see-enforced = What the API needs for this call, against what the token allows: the check `scope.sufficient`.
lesson-scopes-look-1 = What did the client ask for in your run?
lesson-scopes-look-1-answer = Look at `scope` in the request. `openid` asks for an ID token, `offline_access` for a refresh token: a scope can also ask for a way of working.
lesson-scopes-look-2 = Is it the same as what was granted?
lesson-scopes-look-2-answer = Compare with `scope` in the token response. If you unticked something, it is missing here, and the token was made without it.
lesson-scopes-look-3 = Who decides that reading photos needs `photos:read`?
lesson-scopes-look-3-answer = The API, at the endpoint. Neither client nor auth server could know it.
lesson-scopes-break-1 = Ask only for the profile, then call the photos: 403, and the challenge names the scope that is missing (RFC 6750 §3.1).
lesson-scopes-break-2 = Let the machine ask for `photos:read`, for which it is not registered: `invalid_scope`, and no token at all.
lesson-scopes-compare-1 = A person's run beside a machine's: who was asked for consent in each?

# --- refresh and rotation
lesson-refresh-title = Refresh and rotation
lesson-refresh-lead = Access tokens live for minutes. A refresh token gets new ones without asking Alice again, and because each is used once, a stolen one betrays itself (RFC 6749 §6, RFC 9700 §4.14).
lesson-refresh-arrow-1 = refresh token RT1
lesson-refresh-arrow-2 = a new access token, and RT2
lesson-refresh-arrow-3 = RT2
lesson-refresh-arrow-4 = a new access token, and RT3
lesson-refresh-arrow-5 = RT1 again, after the grace of 30 s: somebody has a copy
lesson-refresh-arrow-6 = 400 invalid_grant; the whole family is revoked
lesson-refresh-why-1 = A token that leaks is good until it expires. So access tokens are short-lived. But nobody wants to sign in every ten minutes (RFC 6749 §1.5).
lesson-refresh-why-2 = The refresh token bridges the two. It is never sent to an API, only to the auth server, and only together with the client's own credentials (RFC 6749 §6).
lesson-refresh-how-1 = `POST /token` with `grant_type=refresh_token`. Back come a new access token and, at this provider, a new refresh token. The old one is spent. That is rotation (RFC 9700 §4.14.2).
lesson-refresh-how-2 = All refresh tokens that descend from one consent are a family. If a spent one comes again, there are two holders: the client and a thief. The server cannot tell who is who, so it ends the family. The client has to send Alice round again, and the thief has nothing.
lesson-refresh-how-3 = A refresh may ask for less scope than was granted, never for more (RFC 6749 §6).
lesson-refresh-wrong-1 = The answer is lost on the way. The client sends the old token again, in good faith, and would lose everything. So this server forgives for a moment: a grace of 30 seconds. Later it counts as theft.
lesson-refresh-wrong-2 = Two servers of the same client refresh at once. One must wait for the other, or one of them is taken for a thief.
lesson-refresh-wrong-3 = A refresh token in the browser. It lives for long, and every script on the page can take it. Keep it on the server.
lesson-refresh-modern-1 = For public clients, rotation, or a refresh token bound to the sender's key: one of them is a must (RFC 9700 §2.2.2). Revoke on sign-out (RFC 7009 §2.1). Ask for `offline_access` only if you work while Alice is away (OpenID Connect Core §11).
lesson-refresh-see-first = Here the first refresh token arrives, together with the access token.
lesson-refresh-see-refresh = Here it is traded. Compare `refresh_token` in the request with the one in the answer: they differ.
lesson-refresh-see-reuse = Here a spent one came again. Open the checks: `refresh_token.current` failed.
lesson-refresh-look-1 = How long does each token live, on the realm's clock?
lesson-refresh-look-1-answer = The bars show it. The access token runs out while the family lives on, until its own end or until it is revoked.
lesson-refresh-look-2 = Who is asked in a refresh?
lesson-refresh-look-2-answer = Nobody. No browser, no consent. The client proves itself by its secret, and its right by the token.
lesson-refresh-look-3 = Did the browser ever see the refresh token?
lesson-refresh-look-3-answer = No: only the client app and the auth server hold it. The resource server does not know it either.
lesson-refresh-break-1 = Refresh twice, let a minute pass on the clock, then send RT1 again. Call the API afterwards: what is left of your access?
lesson-refresh-break-2 = Refresh as another client.
lesson-refresh-compare-1 = Beside client credentials: why does a machine get no refresh token (RFC 6749 §4.4.3)?

# --- checking a JWT
lesson-jwt-title = Checking a JWT
lesson-jwt-lead = A JWT is a statement with a signature. Everybody can read it; believing it takes a handful of checks, in the right order (RFC 7519 §7.2, RFC 8725 §3).
lesson-jwt-arrow-1 = access token: header.payload.signature
lesson-jwt-arrow-2 = GET /photos, Authorization: Bearer …
lesson-jwt-arrow-3 = GET /jwks: the public keys, once in a while
lesson-jwt-arrow-4 = known key? allowed algorithm? signature right?
lesson-jwt-arrow-5 = issuer? audience? not expired? scope?
lesson-jwt-why-1 = The API gets a token from a stranger. It could ask the auth server each time what the token is worth; that is introspection (RFC 7662 §2). Or the token says it itself, signed, and the API checks it alone. That is a JWT (RFC 9068 §1).
lesson-jwt-how-1 = Three parts of base64url, joined by dots: header, payload, signature. The first two are JSON. Encoded, not encrypted (RFC 7515 §3.1).
lesson-jwt-how-2 = First the signature. Take the key that `kid` names from the issuer's published keys, and only an algorithm that this key is for (RFC 8725 §3.1). A token may not choose how it is judged.
lesson-jwt-how-3 = Then the claims. `iss`: is it our issuer, character for character? `aud`: is it meant for me? `exp`: is it still alive? Only now is anything in it worth reading (RFC 9068 §4).
lesson-jwt-how-4 = Last of all: `scope` against what this call needs, and who `sub` is.
lesson-jwt-wrong-1 = `alg: none`, or an RSA public key used as an HMAC secret. Both come from believing the header. Keep a list of algorithms of your own (RFC 8725 §2.1).
lesson-jwt-wrong-2 = No check of `aud`. Then a token that Alice gave to another API opens yours (RFC 9068 §5).
lesson-jwt-wrong-3 = Taking an ID token for an access token. An ID token is for the client: it says who signed in. An access token is for the API. The header's `typ` keeps them apart: `at+jwt` (RFC 9068 §2.1).
lesson-jwt-wrong-4 = A signed token cannot be taken back: it is good until `exp`. So it is short-lived, or the API asks after all (RFC 7009 §3).
lesson-jwt-modern-1 = Use a library, give it issuer, audience and algorithms, and test that it says no: wrong signature, wrong `aud`, expired, `alg: none`. A client treats the access token as opaque and verifies only the ID token (OpenID Connect Core §3.1.3.7).
lesson-jwt-see-given = Here it is given out. Open it to see header and payload decoded.
lesson-jwt-see-keys = Here the public keys are fetched. They are kept for a while, so not every run shows it.
lesson-jwt-see-id-token = Here the client app verified the ID token, check by check.
lesson-jwt-see-verified = Here the API verified the access token. Read the checks from the top: that order is no accident.
lesson-jwt-look-1 = For whom is your access token meant?
lesson-jwt-look-1-answer = `aud` says it: the resource server's address. The client that holds it is only its carrier, named in `client_id`.
lesson-jwt-look-2 = Why is the signature checked before the expiry?
lesson-jwt-look-2-answer = Because `exp` is only as good as the signature over it. Before that, every claim is anybody's text.
lesson-jwt-look-3 = What does the ID token's `nonce` protect?
lesson-jwt-look-3-answer = It ties the ID token to this sign-in: the client sent it out at the beginning and expects it back (OpenID Connect Core §3.1.3.7).
lesson-jwt-look-4 = How long is the token good for?
lesson-jwt-look-4-answer = From `iat` to `exp`, on the realm's clock. Move the clock and watch the API change its mind.
lesson-jwt-break-1 = Change one character of the access token. Which check fails, and which are not reached?
lesson-jwt-break-2 = Use an old token once its time is over. The same checks pass, until one.
lesson-jwt-compare-1 = A person's token beside a machine's: what is `sub` in each?

# --- client credentials
lesson-client-credentials-title = Client credentials
lesson-client-credentials-lead = No user is involved. The client app has a back end and asks for itself: it shows its id and secret and gets a token (RFC 6749 §4.4).
lesson-client-credentials-arrow-1 = client_id, client secret, scope=stats:read
lesson-client-credentials-arrow-2 = 200: access token, sub = the client
lesson-client-credentials-arrow-3 = GET /stats with the access token
lesson-client-credentials-why-1 = A nightly job counts prints. One service calls another. Nobody is sitting there who could sign in or agree to anything.
lesson-client-credentials-why-2 = The client could send its secret with every call to the API. With a token, the secret goes to one place only, the auth server, and the API sees something short-lived with a scope (RFC 6749 §1.3.4).
lesson-client-credentials-who-1 = Confidential clients only: programs that can keep a secret, on a server (RFC 6749 §4.4). Never an app that is handed out to people: a secret in it is public.
lesson-client-credentials-wrong-1 = The secret stands in the repository. It belongs into a secret store, and it must be possible to change it without a new version.
lesson-client-credentials-wrong-2 = Using it for people: the machine's token does not know who is asking, so the API would have to believe a `user=alice` beside it. For people there is the authorization code.
lesson-client-credentials-wrong-3 = A client whose id looks like a person's `sub`. The API must not take one for the other (RFC 9700 §4.15).
lesson-client-credentials-modern-1 = It is still the right grant for this. Better than a shared secret is a key that never leaves the machine: `private_key_jwt` or mutual TLS (RFC 9700 §2.5).
lesson-client-credentials-modern-2 = No refresh token: the client can ask again at any time (RFC 6749 §4.4.3).
lesson-client-credentials-see-asks = One request, server to server. Secret in, token out.
lesson-client-credentials-see-api = The token is used. The API lets it at the statistics, and not at anybody's photos.
lesson-client-credentials-look-1 = How many requests went through the browser?
lesson-client-credentials-look-1-answer = Of the grant itself, none. You pressed a button on the client app's page; a real job has not even that.
lesson-client-credentials-look-2 = Where does the secret travel, and in what form?
lesson-client-credentials-look-2-answer = In the `Authorization` header, as Base64 of id and secret. That is encoding, not encryption: only TLS protects it (RFC 6749 §2.3.1).
lesson-client-credentials-look-3 = Is there a refresh token? An ID token?
lesson-client-credentials-look-3-answer = Neither. Nobody signed in, so there is nobody to tell of.
lesson-client-credentials-break-1 = Show a wrong secret: 401 `invalid_client`. Then ask for a scope that this client is not registered for.
lesson-client-credentials-break-2 = Leave out the client's credentials altogether.
lesson-client-credentials-compare-1 = Beside the authorization code: everything that is missing here is there because of a person.

# --- implicit
lesson-implicit-title = Implicit
lesson-implicit-lead = The client app is pure front end: a script in the browser. It gets the token straight from the auth server, in the address (RFC 6749 §4.2). Nobody should use it any more (RFC 9700 §2.1.2).
lesson-implicit-arrow-1 = /authorize?response_type=token
lesson-implicit-arrow-2 = 302 back: …#access_token=…
lesson-implicit-arrow-3 = the part behind the # is never sent to any server
lesson-implicit-arrow-4 = a script calls GET /photos with the token
lesson-implicit-why-1 = It is from 2012. A script could then hardly call another origin, so an app in the browser could not trade a code. It needed the token in the one answer that it could read: the address (RFC 6749 §1.3.2).
lesson-implicit-why-2 = The fragment, behind the `#`, is kept by the browser and not sent to servers. That is why the token was put there.
lesson-implicit-who-1 = It was made for public clients in the browser, without a back end and without a secret. Today: nobody new. You should know it, because old systems still have it.
lesson-implicit-wrong-1 = The token stands in the address bar. The history, an extension, any script on the page can read it (RFC 9700 §4.3.2).
lesson-implicit-wrong-2 = Nothing proves that the right program took it. There is no second request in which a client could show a secret or a verifier (RFC 6749 §10.3).
lesson-implicit-wrong-3 = A token that was issued to another app can be pushed in. The script cannot tell the difference: an access token is not made for it (RFC 6749 §10.16).
lesson-implicit-wrong-4 = There is no refresh token, so the person is sent round again every few minutes (RFC 6749 §4.2.2).
lesson-implicit-modern-1 = The authorization code with PKCE, also for an app that is all front end. Scripts can call `/token` now, thanks to CORS, and PKCE does what a secret would do (RFC 9700 §2.1.1).
lesson-implicit-modern-2 = Better still: give the app a small back end that keeps the tokens, and the browser a session cookie. Then no script can steal what is not there.
lesson-implicit-see-asks = The request says `response_type=token`: no code, please.
lesson-implicit-see-token-given = The auth server answers. The token stands in the `Location`, behind the `#`.
lesson-implicit-see-stays = A script read it from the address bar. No server was sent it: this step only exists in the browser.
lesson-implicit-see-api = The browser itself calls the API. There is no server of the client in between.
lesson-implicit-look-1 = What is in the address bar that was not there with the authorization code?
lesson-implicit-look-1-answer = The access token itself. In the table, look at the column of the address bar and history: with the code flow this cell is empty.
lesson-implicit-look-2 = In the redirect, what stands before the `#` and what behind it?
lesson-implicit-look-2-answer = Before it only the address of the page. Behind it `access_token`, `token_type`, `expires_in`, `scope`, `state` and `iss`.
lesson-implicit-look-3 = Which request is missing altogether?
lesson-implicit-look-3-answer = `POST /token`. With it go client authentication, PKCE and the refresh token: everything that makes the code flow safe happens there.
lesson-implicit-break-1 = Change one character of the redirect URI: the token would have gone to a stranger.
lesson-implicit-break-2 = Press Back in your browser, or look into its history, right after a run. What does it still know?
lesson-implicit-compare-1 = Beside the authorization code with PKCE: one request more, and the token is out of the address bar.

# --- password
lesson-password-title = Password
lesson-password-lead = The user hands user name and password to the client app, and the client app trades them for a token (RFC 6749 §4.3). It is the least safe grant: it must not be used (RFC 9700 §2.4).
lesson-password-arrow-1 = Alice's user name and password
lesson-password-arrow-2 = POST /token: both, and the client secret
lesson-password-arrow-3 = 200: access token, refresh token
lesson-password-arrow-4 = GET /photos with the access token
lesson-password-why-1 = It was a bridge. Apps that had asked for passwords all along could change to tokens without changing their sign-in page (RFC 6749 §1.3.3). The bridge was meant to be crossed, not lived on.
lesson-password-who-1 = Only where the client app is trusted as much as the provider itself: its own app, on its own device, and no other way possible (RFC 6749 §4.3). RFC 9700 leaves not even that.
lesson-password-wrong-1 = The client app sees the password. Whether it forgets it, nobody can verify. With it, it can do everything, and not only what the scope says (RFC 6749 §10.7).
lesson-password-wrong-2 = There is no page of the provider. So no second factor, no passkey, no warning, no consent: nothing can stand between (RFC 9700 §2.4).
lesson-password-wrong-3 = People learn to type the provider's password anywhere. The next form that asks for it may be a thief's (RFC 9700 §2.4).
lesson-password-modern-1 = The authorization code with PKCE, for first-party apps too. The app opens the provider's page, the password stays there, and the app gets a token all the same (RFC 8252 §4).
lesson-password-modern-2 = If no person is there, client credentials. If the device has no keyboard, the device grant (RFC 8628 §1).
lesson-password-see-typed = The password arrives at the client app. From here on one can only hope.
lesson-password-see-trade = The client app passes it on, together with its own secret.
lesson-password-see-api = The token is used. From here on it looks like any other flow, and that is the treacherous part.
lesson-password-look-1 = Find the one red cell in the table of who knows what.
lesson-password-look-1-answer = Password, under client app. With every other grant it is empty.
lesson-password-look-2 = Was Alice asked what the client app may do?
lesson-password-look-2-answer = No. There is no consent page in this run. The client said which scope it wants, and got it.
lesson-password-look-3 = Which requests of the authorization code are missing?
lesson-password-look-3-answer = `/authorize`, `/login`, `/consent` and the callback: all that Alice would have done at the provider herself.
lesson-password-break-1 = Use a wrong password, and then a wrong client secret. The two refusals differ: `invalid_grant` and `invalid_client`.
lesson-password-break-2 = Send another user's name with this password.
lesson-password-compare-1 = Beside the authorization code: follow the password through both.
