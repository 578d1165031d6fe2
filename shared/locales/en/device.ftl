# Device authorization grant (RFC 8628): the phone's pages at the auth server, the TV's page at the client app.

# /device: the code
device-title = Connect a device
device-lead = A device without a keyboard, a TV for instance, shows a code. Type it here to let that device act for you.
device-code = The code on the device's screen
device-code-hint = Eight letters. Capital or small, with or without the dash: it is all the same.
device-code-from-link = This code came with the link or QR code that you opened. Go on only if the device in front of you shows the same one.
device-submit = Continue
device-warning = Only connect a device that is in front of you. Nobody who calls, writes or chats needs you to enter a code here: whoever sends you one wants to get into your account with a device of their own.
device-error-malformed = This is not a code: it has eight letters, and no vowels among them. Compare it with the screen.
device-error-unknown = No device is waiting with this code. Compare it with the screen, letter by letter.
device-error-expired = This code has expired. Ask the device for a new one.
device-error-decided = This code was used already. Ask the device for a new one.
device-error-limited = Too many codes were wrong. Try again in { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
  }.
device-login = to connect the device that shows { $code }

# /device/confirm: the question
device-confirm-title = Connect { $client }?
device-match = Does your device show this code?
device-match-hint = Look at its screen now and compare all eight letters. If it shows another code, or if you are not in front of it, choose No.
device-asked-at = The device asked
device-asked-at-now = { $date }, less than a minute ago
device-asked-at-minutes = { $date }, { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
  } ago
device-asked-from = From the address
device-asked-from-here = { $address }, the same as this browser's
device-asked-from-elsewhere = { $address }; this browser's is { $own }
device-asked-from-unknown = unknown
device-until = You can decide until
device-confirm = Yes, the codes match: connect it
device-deny = No, do not connect it

# /device/done: the result
device-done-title = The device is connected
device-done-text = { $client } may act for you now. In a few seconds its screen goes on by itself; you can put this phone away.
device-denied-title = The device is not connected
device-denied-text = You said no. { $client } is told so and gets nothing.

# /grants/device and the TV's screen at the client app
grant-device-name = Device (TV and phone)
grant-device-when = For devices without a keyboard or a browser: TVs, consoles, printers, command lines on other machines.
grant-device-safety = Fine for such devices, if people compare the codes. Nothing ties the device that asks to the person who says yes: whoever sends you a code wants into your account.
grant-device-teacher = The TV shows a code. Its person types the code on a phone, signs in there and says yes, and meanwhile the TV asks again and again whether it may go on.
grant-device-lesson = Two devices, one decision. The TV never sees the password, the phone never sees the token, and what connects the two is a short code that a person compares.
grant-device-step-1 = The TV asks the authorization server for two codes: a long secret one for itself, and a short one for its person.
grant-device-step-2 = It shows the short code, the address where to type it, and a QR code.
grant-device-step-3 = On her phone Alice opens the address, types the code and signs in. The phone may be anywhere; nothing travels between it and the TV.
grant-device-step-4 = She is asked whether the TV in front of her shows this very code, and whether it may see her photos. She can say no.
grant-device-step-5 = All the while the TV polls with its own code, every five seconds: not yet, not yet, slow down, not yet.
grant-device-step-6 = Once she has said yes, the next poll brings the tokens, and the TV shows the photos.
grant-request-device = To the device authorization endpoint
grant-request-device-poll = To the token endpoint, again and again
grant-from-device = (from the answer to the first request)
grant-try-impatient-title = A TV that does not wait
grant-try-impatient-text = It polls again after one second instead of five. The server answers slow_down and makes the interval five seconds longer, for good. After that the TV behaves.
error-app-device-expired-title = The code has expired
error-app-device-expired-text = Nobody confirmed the code in time. Both codes are worthless now, also if somebody types the short one later.
error-app-device-expired-next = Begin again: the TV asks for new codes.
error-app-assertion-refused-title = The assertion was refused
error-app-assertion-refused-text = The authorization server answered invalid_grant: the assertion is too old, was used before, is not signed by this client, or names somebody in whose name this client may not ask.
error-app-assertion-refused-next = The checks beside the answer say which of these it was. Run it again without the mistake: every run signs a new assertion.
error-app-device-refused-title = The device code was refused
error-app-device-refused-text = The authorization server answered invalid_grant: it does not know this device code, or gave tokens for it before, or gave it to another client.
error-app-device-refused-next = Begin again: the TV asks for new codes.

tv-title = Connect this TV
tv-open = On your phone or computer, open
tv-type = and enter the code
tv-qr-title = QR code
tv-qr-text = It opens { $address }, which is the address above with the code filled in.
tv-qr-caption = Or scan this
tv-phone = Open the phone's page
tv-phone-hint = It opens beside this one. To be somebody else on the phone, open the address in another browser or in a private window.
tv-local = The address is one of this very machine, so a real phone cannot open it here.
tv-log = What the TV asks meanwhile
tv-first = The TV will ask for the first time { $interval } seconds after it began.
tv-waiting = Waiting for somebody to confirm the code.
tv-left = The code expires in { $span }.
tv-lost = The client app cannot be reached at the moment.
tv-poll-authorization-pending = Nobody has decided yet.
tv-poll-slow-down = Too soon: the interval is five seconds longer from now on.
tv-poll-away = No answer. The TV waits twice as long.
tv-poll-wait = Next in { $span }.
tv-poll-open = Open this poll

# The record
grant-name-device-code = Device authorization
endpoint-auth-server-device-authorization = { $from } asks for a code that a person can type on another device.
endpoint-auth-server-token-urn-ietf-params-oauth-grant-type-device-code = { $from } asks whether its person has decided.
endpoint-auth-server-get-device = { $from } opens the page where a device's code is typed.
endpoint-auth-server-post-device = { $from } sends the code that the device shows.
endpoint-auth-server-get-device-confirm = { $from } opens the question: does the device show this code, and may it act?
endpoint-auth-server-post-device-confirm = { $from } sends the person's decision about the device.
endpoint-auth-server-device-done = { $from } opens the page that says what became of it.
why-auth-server-device-authorization = The device has no keyboard and perhaps no browser, so nobody can sign in on it. It gets two codes: one to poll with, which stays inside it, and one for its person to type elsewhere (RFC 8628 §3.1).
why-auth-server-token-urn-ietf-params-oauth-grant-type-device-code = No redirect can reach the device, so it has to ask: every few seconds, until the person has decided or the codes have expired. An error that says authorization_pending is no failure (RFC 8628 §3.5).
why-auth-server-get-device = The person's own device has a browser and a keyboard, and perhaps a session. Here they say which of all waiting devices they mean.
why-auth-server-post-device = Whether a code exists is told only to people who are signed in, and only a few times: short codes could be guessed (RFC 8628 §5.1).
why-auth-server-get-device-confirm = Anybody can begin such a flow and send the code to somebody else. So the page says who asks, since when and from where, and has the person compare the code with the screen in front of them (RFC 8628 §5.4).
why-auth-server-post-device-confirm = Only this yes, by a person who is signed in, lets the device's next poll succeed. It is never given by a link alone, not even by the QR code.
why-auth-server-device-done = The phone has done its part. The tokens go to the device, not to the phone.
verdict-device-confirmed = A person confirmed the device's code on their own device
verdict-device-slowed-down = The device polled too soon and was slowed down
life-kind-device-code = Device code
diagram-value-device-code = device code
diagram-value-user-code = user code
knowledge-value-device-code = Device code
knowledge-value-user-code = User code
knowledge-rule-device-code-in-browser = A device code came to a browser. It is the device's secret: whoever has it gets the tokens once the person says yes. People need to see the user code alone.
knowledge-rule-user-code-in-address = The user code stands in the address, from a link or a QR code. So it may have been sent by anybody: that is why the page asks whether the device in front of the person shows the same one, and never goes on by itself.
