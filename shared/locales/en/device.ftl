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
