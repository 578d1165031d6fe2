# Break it: a finished flow executed anew with one parameter spoilt.

break-title = Break it
break-lead = Each button really executes this flow again, with fresh values and one thing wrong, against the services that are running. Then both flows stand side by side: what differs, who said no, and the rule behind it.
break-guesses = Wrong secrets, passwords and device codes count at the auth server. So that nobody locks himself out, at most { $secrets } wrong secrets, { $passwords } wrong passwords and { $codes } wrong codes are sent in five minutes.
break-consent = Where somebody was asked for consent, they are asked again: the authorization request then says prompt=consent.
break-waits = A device asks by the clock of this realm and keeps to its interval: each execution takes some seconds. A second robot is the person with the phone.
break-executed = { $count } executed so far.
break-left-out = The page shows { $most } exchanges at a time; { $count } more come after these.
break-next = Show the next
break-from-step = These begin with step { $step }.
break-first = Show the first
break-step = Step { $step }
break-compare = Compare with the good one, side by side
break-open = Open the flow
break-not-demanded = Not what the standard demands

# --- what can be done. Suffix: Mutation::name().
break-mutation-leave-out = Leave out
break-mutation-change-one = Change one character
break-mutation-use-old = Use an old one
break-mutation-send-twice = Send twice
break-mutation-use-anothers = Use another's
break-mutation-send-again = Send the request again
break-hint-leave-out = The request is sent without it.
break-hint-change-one = One character in its middle becomes another; of a signed token, one of its signature.
break-hint-use-old = The flow is executed once before, to its end; what stood here then is put in now.
break-hint-send-twice = It stands in the same request twice, with the same value.
break-hint-use-anothers = Another user runs the same flow, or another client is named; what is theirs is put in.
break-hint-send-again = The whole request is sent, and then sent a second time.

# --- why something is not offered.
break-without-constant = It is the same in every run: an old one would be this one.
break-without-nobodys = It is the same for everybody: another's would be this one.
break-without-nobody = Nobody else is known here.
break-without-no-person = No person takes part in this flow.
break-without-clients-own = The client made it for itself, whoever its user is; and no other client is known here that could make one.
break-why-not-fragment = This happened inside the browser: a script of the page read the fragment, which no server was sent. Only that page can be broken here; its request for the token, above, can be broken from here.

# --- how it ended. Suffix: Verdict::name().
break-result-refused = refused by
break-result-accepted = accepted
break-result-left-to-client = no server objects; the client has to refuse, by

# --- why nobody said no, and rightly so.
break-why-ignored = Servers ignore what they do not need: nothing depends on it.
break-why-scope-default = Without a scope the server takes the client's default one, and says in the answer what was granted.
break-why-scope-narrowed = Only what was asked for can be granted, and only what the person ticked is: the token can do less.
break-why-mode-default = Without a response mode the response type's own is used.
break-why-own-form = The form is the auth server's own, and how it signs people in is its own affair. It takes the first of two fields that say the same.
break-why-code-injected = Without PKCE nothing ties a code to the browser that asked for it: a code that was injected is redeemed. That is why PKCE is required today.
break-why-code-unbound = The code is then not bound to the client's key, only to its verifier. The tokens are bound to the key all the same.
break-why-refresh-grace = The answer to the first one may have been lost. For some seconds, and as long as the successor is unused, the same successor is given once more.
break-why-refresh-anothers = A refresh token is bound to its client, not to a session of it: whoever holds the client and the token gets the other person's access. So a client must never mix up whose token it keeps.
break-why-bearer-old = An access token is good until it expires, however many were issued since. That is why it lives for minutes only.
break-why-bearer-anothers = A bearer token serves whoever bears it: the API answers with the other person's data. Only tokens bound to a key (DPoP, mutual TLS) are of no use to a thief.
break-why-revoke-unknown = A token that the server does not know needs no taking back: the client's wish is fulfilled already.
break-why-revoke-own = It was issued to the same client, so the client may take it back.
break-why-introspect-own = Whoever may ask about this token may ask about that one too.
break-why-inactive = The answer is no error: it says that the token is not active, and nothing more.
break-why-hint = It only helps the server to search faster: a wrong hint does no harm.
break-why-several-targets = This parameter may stand there several times: each names one more API that the token is meant for. The same one twice says nothing new.
break-why-target-default = Without it the token is meant for the API of this realm.
break-why-asserted-id = The assertion says itself who the client is: the parameter beside it may be missing.
break-why-type-default = Without it the server chooses which type of token it gives.
break-why-exchange-scope = Without a scope the new token can do what the old one could, as far as this client may have it.
break-why-exchange-anothers = The rule says whose tokens this client may exchange, not of which person: whoever is handed another person's token acts for that person. So it must be handed over only to whom it is meant for.
break-why-device-code-anothers = A device code is bound to its client, not to one device: the device that sends it gets what another person allowed. So it is long, and shown to nobody.
break-why-device-phished = No server can tell which device stands before the person: this one allowed a device that somebody else holds, and would give its holder access to the account. Only the person can notice, by comparing the code with the screen.

# --- why nothing came of it. Suffix: the error's name in JSON.
break-error-not-found = The record does not hold this flow.
break-error-unknown-parameter = This flow has no such parameter there.
break-error-not-offered = This cannot be done to this parameter.
break-error-secrets-hidden = The record of this realm hides secrets. Without them a flow cannot be executed again, and so not broken.
break-error-incomplete = Part of this flow fell out of the record, or was too large for it. Run it anew, then break that one.
break-error-nothing-to-repeat = There is nothing in this flow that a client or a browser could send again.
break-elsewhere-grant = Make it go wrong on the page of the grant
break-elsewhere-paused = Change a request at a breakpoint
break-elsewhere-lesson = What to try, in the lesson
break-error-undecided = Nobody has said yes or no on the second device in this flow, so it has no end to compare with. Type the code, decide, and break it then; or see it go wrong with the buttons on the page of the grant, or at a breakpoint.
break-error-clock-stopped = The clock of this realm stands still: the device would wait for ever before it asks again. Let the clock run.
break-error-needs-key = The client signed part of this flow with a key of its own, for one use. Nobody here has that key, so nothing fresh can be put in its place.
break-error-no-password = To execute this flow, somebody has to sign in, and the password is not known: the flow did not carry it, and it is not one of the demo's people.
break-error-not-reached = Executed again, the flow did not come as far as this parameter.
break-error-busy = Another flow of this realm is being broken at this moment. Try again in a second.
break-error-too-many-guesses = Enough wrong passwords, secrets and codes for now, or the auth server would lock you out. Again in { $seconds } seconds of this realm's time.
break-error-timed-out = The flow did not end within half a minute. Perhaps a breakpoint holds it.
break-error-lost = The flow could not be followed: a redirect or a form led nowhere.
break-error-not-recorded = The flow was executed, but the record did not receive it in time.
break-error-unreachable = A service could not be reached.
