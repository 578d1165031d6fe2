//! Where request heads end, without reading them: at an empty line (RFC 9112 §2.1). Uses memchr alone.
//!
//! It need not be exact: what follows too early waits in the HTTP server's queue. It must not miss an end, and so a
//! line ends at a line feed alone, and carriage returns count for nothing.

use memchr::memchr_iter;

/// Counts heads in bytes that come in any pieces.
#[derive(Debug)]
pub(super) struct Heads {
    /// Nothing is in the current line yet.
    empty_line: bool,
    /// The first line of a head has begun: empty lines before it are passed over (RFC 9112 §2.2).
    begun: bool,
    /// Something came since the last head ended, if only an empty line.
    waited_for: bool,
}

impl Default for Heads {
    fn default() -> Self {
        Self {
            empty_line: true,
            begun: false,
            waited_for: false,
        }
    }
}

impl Heads {
    /// How many of `bytes` go up to the end of the head number `most`, and whether it is among them: else all.
    pub(super) fn cut(&mut self, bytes: &[u8], most: usize) -> (usize, bool) {
        let (mut ended, mut begin) = (0, 0);
        for feed in memchr_iter(b'\n', bytes) {
            self.see(bytes.get(begin..feed));
            begin = feed + 1;
            self.waited_for = true;
            if self.empty_line && self.begun {
                (self.begun, self.waited_for) = (false, false);
                ended += 1;
                if ended == most {
                    return (begin, true);
                }
            }
            self.empty_line = true;
        }
        self.see(bytes.get(begin..));
        (bytes.len(), false)
    }

    /// Notes a part of a line, without its end.
    fn see(&mut self, part: Option<&[u8]>) {
        let part = part.unwrap_or_default();
        self.waited_for |= !part.is_empty();
        if part.iter().any(|byte| *byte != b'\r') {
            self.empty_line = false;
            self.begun = true;
        }
    }

    /// The first line of a head came elsewhere, in part.
    pub(super) const fn go_on(&mut self) {
        (self.begun, self.waited_for, self.empty_line) = (true, true, false);
    }

    /// Whether something came that no head's end has followed yet. Empty lines count: else whoever sends one now and
    /// then would hold the connection for ever.
    pub(super) const fn is_waited_for(&self) -> bool {
        self.waited_for
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces in which `bytes` are cut, when they come `step` at a time.
    fn cut(bytes: &[u8], step: usize, most: usize) -> Vec<String> {
        let mut heads = Heads::default();
        let (mut pieces, mut piece) = (Vec::new(), Vec::new());
        for mut part in bytes.chunks(step) {
            while !part.is_empty() {
                let (length, ended) = heads.cut(part, most);
                piece.extend_from_slice(&part[..length]);
                part = &part[length..];
                if ended {
                    pieces.push(String::from_utf8(std::mem::take(&mut piece)).unwrap());
                }
            }
        }
        assert_eq!(heads.is_waited_for(), !piece.is_empty());
        pieces
    }

    #[test]
    fn a_head_ends_at_an_empty_line_however_it_comes() {
        let bytes =
            b"\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\n\nGET /\nA: b\r\n\n\r\n\r\nx";
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(
                cut(bytes, step, 1),
                [
                    "\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET / HTTP/1.0\n\n",
                    "GET /\nA: b\r\n\n",
                ]
            );
        }
    }

    #[test]
    fn several_heads_are_one_piece() {
        assert_eq!(cut(b"a\n\nb\n\nc\n\nd", 1000, 2), ["a\n\nb\n\n"]);
        assert_eq!(cut(b"\n\n\n", 1, 1), [""; 0]);
    }
}
