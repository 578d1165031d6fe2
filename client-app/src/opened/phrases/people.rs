//! People: sign-in, consent, accounts, devices, signing out.

/// Each phrase with its key.
pub(super) const PHRASES: &[(&str, &str)] = &[
    ("nobody", "said-nobody"),
    ("a person", "said-a-person"),
    ("the person chose Deny", "said-chose-deny"),
    ("nothing is ticked", "said-nothing-ticked"),
    ("the person chose Cancel", "said-chose-cancel"),
    (
        "the person agreed, or need not be asked",
        "said-agreed-or-not-asked",
    ),
    ("chose to stay signed in", "said-chose-to-stay"),
    ("somebody signed in", "said-signed-in"),
    (
        "somebody signed in, recently enough",
        "said-signed-in-recently",
    ),
    ("signed in too long ago", "said-signed-in-long-ago"),
    ("that person", "said-that-person"),
    ("somebody else", "said-somebody-else"),
    ("a person of this realm", "said-person-of-realm"),
    ("a person's sub", "said-person-sub"),
    ("the person did not say no", "said-device-not-denied"),
    ("they said no", "said-device-denied"),
    ("they did not", "said-device-did-not"),
    ("the person said yes", "said-device-confirmed"),
    (
        "somebody looks at the page and has not decided",
        "said-device-seen",
    ),
    ("they did", "said-device-did"),
    ("the person chose No", "said-chose-no"),
    (
        "few wrong codes of late, of this account and from this address",
        "said-user-code-few",
    ),
    ("one that somebody has decided", "said-user-code-decided"),
    ("a known user name and its password", "said-known-user"),
    (
        "few wrong passwords of late, for this account and from this address",
        "said-few-passwords",
    ),
    ("the token of this form, in this browser", "said-form-token"),
    ("this browser's token", "said-browser-token"),
    (
        "the form's token is not for this browser and page",
        "said-form-wrong-token",
    ),
    ("a request that waits in this browser", "said-waiting"),
    ("one of another browser", "said-waiting-foreign"),
    ("a photo of this person's", "said-photo-own"),
    (
        "the sub of somebody else",
        "said-family-the-sub-of-somebody-else",
    ),
    ("the same person", "said-family-the-same-person"),
    ("nobody is named", "said-family-nobody-is-named"),
    ("somebody", "said-family-somebody"),
    (
        "a person of this realm, of: {raw}",
        "said-family-a-person-of-this-realm-of-x",
    ),
    (
        "signed in at most {span} ago, by {raw}",
        "said-family-signed-in-at-most-x-ago-by-x",
    ),
    (
        "signed in at most {span} ago",
        "said-family-signed-in-at-most-x-ago",
    ),
    ("signed in {raw}, by {raw}", "said-family-signed-in-x-by-x"),
    ("signed in by {raw}", "said-family-signed-in-by-x"),
    (
        "the hint names the session of this browser",
        "said-hint-of-this-browser",
    ),
    (
        "the state that this browser was sent to sign out with, once",
        "said-logout-state",
    ),
    ("no logout_token", "said-no-logout-token"),
    ("sub or sid, or both", "said-sub-or-sid"),
    ("sub and sid", "said-sub-and-sid"),
    ("the sid of a session of this client", "said-sid-of-session"),
    (
        "the sid of a session that had ended before",
        "said-sid-ended",
    ),
    ("another sid", "said-another-sid"),
    ("no sid", "said-no-sid"),
    (
        "a state, but this browser has no session here",
        "said-state-no-session",
    ),
    ("a device code of this realm", "said-device-code-realm"),
    (
        "the interval has passed since the last poll",
        "said-device-interval",
    ),
    (
        "it has not: the interval is five seconds longer from now on",
        "said-device-too-soon",
    ),
    ("nobody has entered the user code", "said-device-created"),
    (
        "eight letters, none of them a vowel",
        "said-user-code-letters",
    ),
    (
        "the person confirms that the device shows this code",
        "said-user-code-confirms",
    ),
    (
        "this page was shown for it: no guess",
        "said-user-code-no-guess",
    ),
    ("a code with which a device waits", "said-user-code-waiting"),
    ("no device's code", "said-user-code-unknown"),
];
