# Signing in with OpenID Connect at the print shop.

sign-in-title = Sign in with OpenID Connect
sign-in-lead = OAuth lets an app act for you; OpenID Connect also tells it who you are. The print shop finds the provider by discovery, sends you there, and lets you in only when everything in the answer holds. What it verified is listed, check by check.
sign-in-hello = Signed in as { $name }
sign-in-by = The word of
sign-in-verified = Everything that was verified, in order
sign-in-forget = Forget me here
sign-in-forget-hint = Ends your session at the print shop alone. You stay signed in at the provider, so the next sign-in asks for no password.
sign-in-with = Sign in
sign-in-provider = Provider
sign-in-own = The provider of this world
sign-in-response = What comes back through your browser
sign-in-response-code = A code
sign-in-response-code-text = The recommended way: the tokens come server to server.
sign-in-response-code-id-token = A code and an ID token
sign-in-response-code-id-token-text = Hybrid: the ID token that travels with the code names it by c_hash, so that a swapped code is noticed. Sent as a form that your browser posts.
sign-in-response-id-token = An ID token alone
sign-in-response-id-token-text = Only for knowing who you are: no access token, no call from server to server. Sent as a form that your browser posts.
sign-in-ask = How insistently you are asked
sign-in-ask-as-needed = As the provider sees fit
sign-in-ask-as-needed-text = Signed in there already: nothing is asked.
sign-in-ask-again = The password again
sign-in-ask-again-text = prompt=login, as before a payment.
sign-in-ask-silently = Silently
sign-in-ask-silently-text = prompt=none: nothing is shown. It works only for somebody who is signed in and has consented.
sign-in-ask-recently = The password, unless typed within a minute
sign-in-ask-recently-text = max_age=60: the ID token must say when you signed in, and the print shop verifies it.
sign-in-submit = Sign in
sign-in-how = What happens
sign-in-step-discovery = The print shop reads the provider's metadata at /.well-known/openid-configuration, and believes it only if it is the metadata of the very issuer that was meant.
sign-in-step-request = It sends you there with state (is the answer for this browser?), nonce (is the ID token for this sign-in?) and a PKCE challenge (is it we who trade the code?).
sign-in-step-answer = You come back. State first, then the issuer: an answer that nobody asked for, or that comes from another provider, ends here.
sign-in-step-token = The code is traded server to server. The ID token's algorithm, signature, issuer, audience, times, nonce and hashes are verified one after the other.
sign-in-step-userinfo = Userinfo is asked for more about you, and believed only if it speaks of the same person.

# Every response type and mode.
sign-in-answers = What can come back, and how
sign-in-answers-text = A client asks for its answer by response_type. Where an ID token comes through the browser, a nonce is required, and the hashes in it bind what came beside it. An access token through the browser is legacy: whoever sees it can use it (RFC 9700 §2.1.2).
sign-in-answers-front = Through the browser
sign-in-answers-back = Server to server
sign-in-answers-traded = The code is traded for access token and ID token
sign-in-answers-nothing = Nothing
sign-in-mode-query = In the address, behind a question mark. It reaches the client's server, and logs and histories; so only a code may travel this way.
sign-in-mode-fragment = In the address, behind a hash sign. It stays in the browser, where a script of the client has to read it.
sign-in-mode-form-post = In a form that the browser posts. It reaches the client's server, and stands in no address, log or history.
