//! What the notes of an exchange say in words of ours: why a request did not wait at a breakpoint, why it was let go.

/// Notes with the phrases that they can say, each with its key. What no phrase fits is text of the protocol.
pub(super) const NOTES: &[(&str, &[(&str, &str)])] = &[
    (
        "not_paused",
        &[
            ("too many requests wait", "said-note-too-many"),
            ("the body is too large", "said-note-too-large"),
        ],
    ),
    (
        "not_changed",
        &[
            (
                "the body is no form: it can only be changed as a whole",
                "said-note-no-form",
            ),
            (
                "the changed query is too long, or no query",
                "said-note-no-query",
            ),
            (
                "the header {raw} cannot be changed here",
                "said-note-no-such-header",
            ),
            (
                "the request has no parameter {count} in its {raw}",
                "said-note-no-parameter",
            ),
        ],
    ),
    (
        "released",
        &[
            ("limit", "said-note-limit"),
            ("shutdown", "said-note-shutdown"),
            ("cleared", "said-note-cleared"),
            ("away", "said-note-away"),
            ("all", "said-note-all"),
            ("abandoned", "said-note-abandoned"),
        ],
    ),
    ("answered_by", &[("breakpoint", "said-note-breakpoint")]),
    ("dropped", &[("true", "said-note-dropped")]),
    ("left", &[("true", "said-note-left")]),
];
