//! Hostile text through each format's escaping.

use super::markdown;
use super::mermaid;

/// Text that is grammar somewhere: Mermaid, Markdown, HTML, a terminal.
const HOSTILE: [&str; 14] = [
    "a; b",
    "a # b",
    "%% comment",
    "end",
    "END",
    "x->>y: z",
    "a\nNote over b: c",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "#quot;#35;&lt;",
    "| a | b |",
    "```\n# x\n```",
    "[a](javascript:alert(1)) ![b](http://x) <http://x>",
    "\u{1b}[31m\u{202e}evil\u{2028}x\r\n- y",
];

#[test]
fn nothing_in_a_caption_is_grammar_of_mermaid() {
    for text in HOSTILE {
        let caption = mermaid::escaped(text);
        assert!(
            !caption.contains(['\n', '\r', '<', '>', '"', '%', ':', '|']),
            "{caption}"
        );
        // `;` and `#` stand only in a character's code.
        let mut rest = caption.as_str();
        while let Some((before, after)) = rest.split_once('#') {
            assert!(!before.contains(';'), "{caption}");
            let (number, after) = after.split_once(';').expect("a code ends");
            assert!(number.parse::<u32>().is_ok(), "{caption}");
            rest = after;
        }
        assert!(!rest.contains(';'), "{caption}");
        assert!(!caption.eq_ignore_ascii_case("end"), "{caption}");
    }
}

#[test]
fn nothing_in_running_text_is_markup() {
    for text in HOSTILE {
        let written = markdown::escaped(text);
        assert!(
            !written.contains(['\n', '\r', '\u{2028}', '\u{1b}']),
            "{written:?}"
        );
        let mut before = ' ';
        for c in written.chars() {
            if "`*_[]<>#|~!".contains(c) {
                assert_eq!(before, '\\', "{written}");
            }
            before = if before == '\\' && c == '\\' { ' ' } else { c };
        }
    }
}

#[test]
fn a_code_span_ends_where_it_should() {
    assert_eq!(markdown::code("a`b``c"), "```a`b``c```");
    assert_eq!(markdown::code("`"), "`` ` ``");
    assert_eq!(markdown::code(""), "–");
    for text in HOSTILE {
        let span = markdown::code(text);
        let fence: String = span.chars().take_while(|c| *c == '`').collect();
        let inside = &span[fence.len()..span.len() - fence.len()];
        let runs = inside.split(|c| c != '`').map(str::len);
        assert!(runs.into_iter().all(|run| run != fence.len()), "{span}");
        assert!(!span.contains('\n'), "{span}");
    }
}
