# The pages of the authorization server: sign-in, consent, sign-out, apps, home, errors.

# The header's links.
as-nav-home = Home
as-nav-apps = Your apps
as-nav-sign-in = Sign in
as-nav-sign-out = Sign out

# /login
login-title = Sign in
login-for = to continue to { $client }
login-plain = to see the apps that may act for you
login-again = { $client } asks you to sign in again, although you are signed in as { $name }.
login-username = User name
login-password = Password
login-submit = Sign in
login-cancel = Cancel
login-cancel-hint = Cancel takes you back to { $client } without signing in.
login-address = Before you type a password, look at the address bar: it should show { $address }. Your password belongs here and nowhere else; the app never sees it.
login-error-wrong = That user name and password do not belong together. Check both and try again.
login-error-empty = Enter both a user name and a password.
login-error-busy = More people are signing in at the moment than this server can check. Your password has not been looked at. Try again in a few seconds.
login-error-limited = Too many attempts have failed. Try again in { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
  }.
login-error-form = This form was too old or came from another page. It has been renewed: please sign in once more.
login-demo-title = People of the demo
login-demo-text = Sign in as one of them; everybody knows these passwords.

# /select-account
select-account-title = Choose an account
select-account-for = { $client } asks with which of your accounts you want to continue.
select-account-other = Use another account

# /consent
consent-title = { $client } asks for your permission
consent-who = You are signed in as { $name }.
consent-switch = Not you? Use another account
consent-description = About itself it says: “{ $text }”
consent-scopes = It would like to:
consent-scopes-hint = Untick what you do not want to allow. The app then gets a token that can do less.
consent-fixed = Cannot be left out: without it this would not be a sign-in.
consent-fixed-offline = Cannot be left out alone: this app is registered to renew its tokens. You can end it at any time on the page Your apps.
consent-nothing = There is nothing ticked. Tick at least one permission, or choose Deny.
consent-no-scope = It asks for no particular permission, only for a token in your name.
consent-unknown-scope = A permission that this server has no words for
consent-after = Your answer is sent to
consent-resources = The token is good at
consent-registered-by = Registered by
consent-registered-by-operator = the operator of this server, in its seed file
consent-registered-by-itself = itself: nobody at this server has looked at it
client-links = What it says of itself:
client-link-home = its home page
client-link-policy = how it treats your data
client-link-terms = its terms
consent-take-back = You can take this back at any time on the page { $page }.
consent-allow = Allow
consent-deny = Deny
consent-legacy-title = Legacy: this app uses a method that is kept only to learn from
consent-legacy-text = It asks for an access token in the answer that your browser carries (implicit, or hybrid with a token). There it can be read by any script on the page, or from the browser's history, and nothing proves that it reached the right app. RFC 9700 §2.1.2 advises against it: use the authorization code grant with PKCE. This server keeps such tokens short and gives no refresh token.
consent-details = Details of this request
consent-detail-none = not sent

# Scopes in words: a title, and a sentence that says more.
scope-openid = Know that it is you
scope-openid-hint = Tells the app who signed in, by an identifier that stays the same.
scope-profile = See your profile
scope-profile-hint = Your name, picture, birthday, language and the like.
scope-email = See your e-mail address
scope-email-hint = And whether it was verified.
scope-phone = See your phone number
scope-phone-hint = And whether it was verified.
scope-address = See your postal address
scope-address-hint = Street, city and country.
scope-photos-read = Look at your photos
scope-photos-read-hint = All photos that you keep at this provider, with their captions.
scope-photos-write = Add and delete photos
scope-photos-write-hint = In your album, in your name.
scope-stats-read = Read usage figures
scope-stats-read-hint = Numbers about the whole service, none about you.
scope-offline-access = Stay connected while you are away
scope-offline-access-hint = The app gets a refresh token and can renew its access without asking you again, until you take it back.

# /apps
apps-title = Apps that may act for you
apps-lead = You, { $name }, have allowed these apps to use your data. Taking it back ends their access at once: their refresh tokens stop working, and their access tokens are no longer accepted by anyone who asks this server.
apps-none = No app may act for you.
apps-none-hint = When you allow an app, it appears here.
apps-may = It may:
apps-only-token = It has a token without any particular permission.
apps-since = Since { $date }
apps-client-id = client_id
apps-registered-by = registered by { $who }
apps-legacy = legacy grant
apps-legacy-implicit = Got an access token through the browser (implicit, or hybrid with a token; RFC 9700 §2.1.2 advises against it).
apps-legacy-password = Was given your password (password grant; RFC 9700 §2.4 forbids it).
apps-first-party = belongs to the provider
apps-take-back = Take it back
apps-taken-back = { $client } may no longer act for you.

# / : what this server is
issuer-title = The authorization server
issuer-lead = Here people sign in and decide which apps may act for them; apps come here for their tokens. Of the three services, it is the only one that should ever see a password.
issuer-where = You are at
issuer-realm = Realm
issuer-signed-in = Signed in as { $name }.
issuer-signed-out = Nobody is signed in here with this browser.
issuer-see-apps = See the apps that may act for you
issuer-start = Start with the client app
issuer-machines = For machines
issuer-machines-text = What a client needs to know to talk to this server. Other software finds all of it through the first two.
issuer-metadata = Server metadata (RFC 8414)
issuer-openid = OpenID configuration
issuer-jwks = Public signing keys (JWK Set, RFC 7517)
issuer-authorize = Authorization endpoint
issuer-token = Token endpoint
issuer-introspect = Introspection (RFC 7662)
issuer-revoke = Revocation (RFC 7009)
issuer-userinfo = UserInfo (OpenID Connect)
issuer-people = People of the demo
issuer-clients = Clients of the demo
issuer-people-name = Name
issuer-people-username = User name
issuer-people-password = Password
issuer-client-id = client_id
issuer-client-secret = client_secret
issuer-client-grants = Grants it may use
issuer-client-no-grants = none: it only asks about tokens
issuer-client-public = none: a public client cannot keep one
issuer-client-redirects = Redirect URIs
issuer-client-no-redirects = none: it never sends a browser here
issuer-legacy = legacy (RFC 9700)

# Error pages. Kinds: PageError::kind().
error-page-check = The check that failed
error-page-check-expected = Expected: { $value }
error-page-check-got = Got: { $value }
error-page-check-reference = Where the rule stands: { $value }
error-page-why = Why you were not sent back to the app
error-page-why-text = The server knows only from client_id and redirect_uri where an answer may go. As long as one of them cannot be trusted, a redirect could hand you, or a code, to an attacker. So the server stops here (RFC 6749 §4.1.2.1, RFC 9700 §4.11).
error-page-next = What to do now
error-page-exchange = The number of this request
error-page-recorded = The record has everything that travelled, and every check.
error-page-record = Open the record
error-page-home = To the start page of this server
error-page-client-app = To the client app

error-page-malformed-title = The request cannot be read
error-page-malformed-text = Its parameters are not what a browser or an app that follows the standard sends: text that is not UTF-8, or broken percent-encoding.
error-page-malformed-next = Go back to the app and start again. If you wrote the app: encode every parameter as application/x-www-form-urlencoded in UTF-8.
error-page-repeated-title = A parameter was sent twice
error-page-repeated-text = Each parameter may appear only once. With two values, the server and a filter before it could each believe another one.
error-page-repeated-next = If you wrote the app: send each parameter once.
error-page-client-missing-title = The request does not say which app it is from
error-page-client-missing-text = The parameter client_id is missing or empty.
error-page-client-missing-next = Go back to the app and start again. If you wrote the app: send its client_id.
error-page-client-unknown-title = This app is not known here
error-page-client-unknown-text = No client with this client_id is registered at this server.
error-page-client-unknown-next = If you wrote the app: check for a typing error, and whether it is registered at this server and in this realm.
error-page-redirect-missing-title = The request does not say where to send the answer
error-page-redirect-missing-text = The parameter redirect_uri is missing or empty. This server never guesses it, not even when only one is registered.
error-page-redirect-missing-next = If you wrote the app: send redirect_uri exactly as it is registered.
error-page-redirect-unregistered-title = The answer would go to an unknown address
error-page-redirect-unregistered-text = The redirect_uri of this request is not registered for this app. It is compared character by character: another path, port, letter case, or an encoded character makes it another address.
error-page-redirect-unregistered-next = If you followed a link to come here, do not trust it. If you wrote the app: register this address, or send the registered one exactly.
error-page-request-object-title = The request object cannot be used
error-page-request-object-text = The app sent its request as a signed JWT, and this server cannot read it: it is malformed, not signed by the app, meant for somebody else, over, or it could not be fetched.
error-page-request-object-next = Go back to the app and start again from there. If you wrote the app: the failed check below says which of them it is.
error-page-request-uri-title = The request that this refers to is not here
error-page-request-uri-text = The app pushed its request to this server beforehand and sent you with a reference to it, the request_uri. The reference is unknown, belongs to another app, has expired, or its request was answered already: each is good for one answer.
error-page-request-uri-next = Go back to the app and start again from there: it pushes a new request.
error-page-interaction-gone-title = This sign-in has ended
error-page-interaction-gone-text = The request that you were about to answer has been answered already, has expired, or was started in another browser.
error-page-interaction-gone-next = Go back to the app and start again from there. The Back button of the browser does not help.
error-page-csrf-title = This form cannot be accepted
error-page-csrf-text = It does not carry the secret that this server put into the form for your browser. Perhaps the page was open for long, cookies are blocked, or another site tried to send the form in your name. Nothing was changed.
error-page-csrf-next = Open the page again and repeat what you wanted to do. If this happens every time, allow cookies for this server.
error-page-too-large-title = The request is too large
error-page-too-large-text = It is longer than this server reads.
error-page-too-large-next = If you wrote the app: keep state and scope short.
error-page-uri-too-long-title = The address is too long
error-page-uri-too-long-text = It has more characters than this server reads.
error-page-uri-too-long-next = If you wrote the app: keep state and scope short, send the request by POST, or push it (RFC 9126).
error-page-not-found-title = There is no such page
error-page-not-found-text = This server has nothing at this address.
error-page-not-found-next = Check the address, or begin at the start page.
error-page-method-not-allowed-title = This page cannot be used that way
error-page-method-not-allowed-text = The address exists, but not for this HTTP method.
error-page-method-not-allowed-next = The response header Allow lists the methods that it answers.
error-page-bad-request-title = The request cannot be understood
error-page-bad-request-text = Something in it is not as the HTTP standard has it.
error-page-bad-request-next = Go back and try again.
error-page-internal-title = Something broke on this server
error-page-internal-text = It is not your fault and nothing you sent was wrong. The server's log says more, under the number below.
error-page-internal-next = Try again. If it stays broken, tell whoever runs this server the number.
error-page-unavailable-title = The server is busy
error-page-unavailable-text = Its database does not answer at the moment. Nothing was changed.
error-page-unavailable-next = Wait a few seconds and load the page again.

# Form Post Response Mode: the page that carries the answer back
form-post-title = Back to the app
form-post-text = You are done here. Your browser now posts the answer to the app; with scripts that happens by itself.
form-post-failed = Your browser now posts to the app that nothing was granted, and why; with scripts that happens by itself.
form-post-destination = Where it goes
form-post-submit = Continue
form-post-hint = The answer travels in the body of a form (response_mode=form_post), so that it stands neither in the address bar nor in the browser's history.
