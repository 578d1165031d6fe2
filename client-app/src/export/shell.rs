//! Words of a shell: hostile text that stays one argument, and variables for what its reader has to put in.
//!
//! Uses nothing but the standard library. POSIX.1-2017 §2.2 (quoting), §2.6.2 (`${name:?}`) and §2.6.3 (`$(printf …)`,
//! only where a word holds what must not reach a terminal as it is).

use std::collections::BTreeSet;
use std::fmt::{self, Write};

/// The longest name of a variable, in characters.
const LONGEST_NAME: usize = 48;

/// One argument of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
}

impl Word {
    /// A word of this text.
    pub(crate) fn of(text: impl Into<String>) -> Self {
        Self::default().text(text)
    }

    /// With `text` behind it.
    #[must_use]
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        match self.0.last_mut() {
            Some(Piece::Text(before)) => before.push_str(&text),
            _ if text.is_empty() => {}
            _ => self.0.push(Piece::Text(text)),
        }
        self
    }

    /// With the value of a variable behind it; the shell refuses to run the command while it has none.
    ///
    /// The name is made of `A` to `Z`, digits and `_` only, whatever is given.
    #[must_use]
    pub(crate) fn variable(mut self, name: &str) -> Self {
        let letters = name.chars().take(LONGEST_NAME).map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        });
        let name: String = letters.collect();
        let starts_well = name.starts_with(|c: char| c.is_ascii_uppercase());
        let prefix = if starts_well { "" } else { "V_" };
        self.0.push(Piece::Variable(format!("{prefix}{name}")));
        self
    }

    /// Gives each variable whose name is in `taken` another one, and adds all of them: two gaps may hold two values.
    pub(crate) fn tell_apart(&mut self, taken: &mut BTreeSet<String>) {
        for piece in &mut self.0 {
            let Piece::Variable(name) = piece else {
                continue;
            };
            let first = name.clone();
            let mut number = 1_u32;
            while !taken.insert(name.clone()) {
                number += 1;
                *name = format!("{first}_{number}");
            }
        }
    }

    /// Whether the word needs a variable.
    pub(crate) fn has_variable(&self) -> bool {
        let is_variable = |piece: &Piece| matches!(piece, Piece::Variable(_));
        self.0.iter().any(is_variable)
    }

    /// Whether no argument can hold it: an argument ends at its first NUL.
    pub(crate) fn has_nul(&self) -> bool {
        let has_nul = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains('\0'));
        self.0.iter().any(has_nul)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("''");
        }
        let texts = || {
            self.0.iter().filter_map(|piece| match piece {
                Piece::Text(text) => Some(text.as_str()),
                Piece::Variable(_) => None,
            })
        };
        // One pair of double quotes reads best, where nothing in the text means anything inside them.
        if self.has_variable() && texts().all(is_quiet) {
            f.write_char('"')?;
            for piece in &self.0 {
                match piece {
                    Piece::Text(text) => f.write_str(text)?,
                    Piece::Variable(name) => write!(f, "${{{name}:?}}")?,
                }
            }
            return f.write_char('"');
        }
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => f.write_str(&quoted(text))?,
                Piece::Variable(name) => write!(f, "\"${{{name}:?}}\"")?,
            }
        }
        Ok(())
    }
}

/// `text` as one word that every POSIX shell reads alike: in single quotes, and by `printf` where it holds a control
/// character or one that turns or hides text. A NUL ends the word, as no argument can hold one.
///
/// Never `$'…'`: a shell that does not know it (dash) would end the word at the first `\'` inside.
pub(crate) fn quoted(text: &str) -> String {
    let text = text.split('\0').next().unwrap_or_default();
    let mut out = String::from("'");
    let mut unseen = String::new();
    for c in text.chars() {
        // Substitution would take a line's end away; between quotes it stays what it is.
        if is_unseen(c) && c != '\n' {
            octal(&mut unseen, c);
            continue;
        }
        print(&mut out, &mut unseen);
        match c {
            '\'' => out.push_str(r"'\''"),
            c => out.push(c),
        }
    }
    print(&mut out, &mut unseen);
    out.push('\'');
    out
}

/// Lets `printf` write what is `unseen`, outside the single quotes that stand open.
fn print(out: &mut String, unseen: &mut String) {
    if !unseen.is_empty() {
        // Writing to a String does not fail.
        let _ = write!(out, "'\"$(printf '{unseen}')\"'");
        unseen.clear();
    }
}

/// `text` as the format of `printf`, which can hold every byte: for a body with a NUL.
pub(crate) fn printf_format(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '%' => out.push_str("%%"),
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str(r"'\''"),
            c if is_unseen(c) => octal(&mut out, c),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// The bytes of `c` as `\ooo`: three digits, so that what follows is no part of it.
fn octal(out: &mut String, c: char) {
    let mut bytes = [0; 4];
    for byte in c.encode_utf8(&mut bytes).bytes() {
        // Writing to a String does not fail.
        let _ = write!(out, "\\{byte:03o}");
    }
}

/// Control characters, and those that a reader does not see or that turn the order of what he sees.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether `text` means itself inside double quotes, also where a history is expanded.
fn is_quiet(text: &str) -> bool {
    !text
        .chars()
        .any(|c| matches!(c, '"' | '$' | '`' | '\\' | '!') || is_unseen(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_argument_whatever_it_holds() {
        assert_eq!(quoted("it's $(id)"), r"'it'\''s $(id)'");
        let word = "'a".to_owned() + "\n" + r#"'\'''"$(printf '\033')"'[0m\7'"#;
        assert_eq!(quoted("a\n'\u{1b}[0m\\7"), word);
        let word = r#"''"$(printf '\342\200\256')"'x'"#;
        assert_eq!(quoted("\u{202e}x"), word);
        assert_eq!(Word::of("").to_string(), "''");
    }

    #[test]
    fn a_variable_has_a_harmless_name_and_a_quiet_neighbour() {
        let word = Word::of("code=").variable("code").text("&x=1");
        assert_eq!(word.to_string(), "\"code=${CODE:?}&x=1\"");
        let word = Word::of("$(id)=").variable("9;rm -rf /");
        assert_eq!(word.to_string(), "'$(id)='\"${V_9_RM__RF__:?}\"");
    }
}
