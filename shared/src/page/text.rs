//! The languages of the pages: what is said, in English and in Simplified Chinese.
//!
//! Every sentence lives in a [Fluent](https://projectfluent.org) file under `shared/locales/`,
//! one file per area and language. [`Texts`] holds them all, each parsed once, when it is first needed.
//! Which language a reader gets: the cookie [`LANGUAGE_COOKIE`] (set by the switch on every page),
//! else `Accept-Language` (RFC 9110 §12.5.4), else English.

use std::{
    collections::HashMap,
    fmt::Display,
    sync::{Arc, OnceLock},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

/// The cookie that remembers the chosen language. Cookies know no port, so the three services of
/// one host share it.
pub const LANGUAGE_COOKIE: &str = "grantscope_lang";

/// The areas: each is one file per language. A new area is one line here and two files.
const AREAS: &[Area] = &[
    area!("layout"),
    area!("auth-server"),
    area!("device"),
    area!("logout"),
    area!("resource-server"),
    area!("client-app"),
    area!("sign-in"),
    area!("score"),
    area!("provider"),
    area!("record"),
    area!("opened"),
    area!("proof"),
    area!("lessons"),
    area!("time"),
    area!("export"),
    area!("doctor"),
    area!("said"),
    area!("checks"),
    area!("parameters"),
    area!("control"),
    area!("diagram"),
    area!("knowledge"),
    area!("compare"),
    area!("break"),
];

/// One area's text in every language.
struct Area {
    name: &'static str,
    en: &'static str,
    zh_cn: &'static str,
}

/// Embeds the files of one area.
macro_rules! area {
    ($name:literal) => {
        Area {
            name: $name,
            en: include_str!(concat!("../../locales/en/", $name, ".ftl")),
            zh_cn: include_str!(concat!("../../locales/zh-CN/", $name, ".ftl")),
        }
    };
}
use area;

/// A language that every page speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    En,
    /// 简体中文, Simplified Chinese.
    ZhCn,
}

impl Language {
    /// Every language, in the order the switch shows them. The first is the fallback.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// The BCP 47 tag, as `<html lang>` and the language files' folder name have it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhCn => "简体中文",
        }
    }

    /// The language with exactly this tag (letter case aside).
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    /// The language of a range such as `en-GB` or `zh`, by its primary subtag (RFC 4647 §3.3.1), if there is one.
    #[must_use]
    pub fn of_range(range: &str) -> Option<Self> {
        let primary = range.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| {
            let own = language.tag().split('-').next().unwrap_or_default();
            own.eq_ignore_ascii_case(primary)
        })
    }

    /// The first language of `ui_locales` (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2): ranges joined by
    /// spaces, the most wanted first.
    #[must_use]
    pub fn first_of(ui_locales: &str) -> Option<Self> {
        ui_locales.split_ascii_whitespace().find_map(Self::of_range)
    }

    /// Chooses from the value of [`LANGUAGE_COOKIE`] and the `Accept-Language` header.
    #[must_use]
    pub fn negotiate(cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        cookie
            .and_then(Self::from_tag)
            .or_else(|| accept_language.and_then(Self::most_wanted))
            .unwrap_or(Self::En)
    }

    /// The language of an `Accept-Language` header with the greatest weight, the earlier of equals.
    fn most_wanted(accept_language: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in accept_language.split(',') {
            let mut parts = range.split(';');
            let primary = parts.next().unwrap_or_default().trim().split('-').next();
            let language = match primary.unwrap_or_default().to_ascii_lowercase().as_str() {
                "en" => Self::En,
                "zh" => Self::ZhCn,
                _ => continue,
            };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            if weight > best.map_or(0.0, |(found, _)| found) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    fn source(self, area: &Area) -> &'static str {
        match self {
            Self::En => area.en,
            Self::ZhCn => area.zh_cn,
        }
    }
}

/// A language file that cannot be used: the program's own fault, which a test finds in every file.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The file is not valid Fluent.
    #[error("{language}/{area}.ftl: {detail}")]
    Syntax {
        /// The file's folder.
        language: &'static str,
        /// The file's stem.
        area: &'static str,
        /// What the parser said.
        detail: String,
    },
    /// A key of this file is in an earlier file already.
    #[error("{language}/{area}.ftl says again what another file says: {detail}")]
    Duplicate {
        /// The file's folder.
        language: &'static str,
        /// The file's stem.
        area: &'static str,
        /// The keys.
        detail: String,
    },
    /// The language's own tag is not one.
    #[error("not a language tag: {0}")]
    Tag(&'static str),
}

/// Every sentence in every language. Immutable; share it behind its [`Arc`].
///
/// A file is parsed when the first of its texts is asked for: a service shows a few of them, and parsed they take
/// several times the room that they do as they are.
pub struct Texts {
    /// In which of [`AREAS`] each key stands.
    areas: HashMap<&'static str, usize>,
    /// The files of each language, in the order of [`AREAS`].
    files: Vec<(Language, Vec<OnceLock<Bundle>>)>,
}

/// A file, parsed.
type Bundle = FluentBundle<FluentResource>;

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

impl Texts {
    /// Looks through the embedded language files for what stands where.
    ///
    /// # Errors
    /// [`TextError::Duplicate`] names the file that repeats a key.
    pub fn load() -> Result<Arc<Self>, TextError> {
        let mut areas = HashMap::new();
        for (place, area) in AREAS.iter().enumerate() {
            for key in keys(area.en) {
                if areas.insert(key, place).is_some() {
                    return Err(TextError::Duplicate {
                        language: Language::En.tag(),
                        area: area.name,
                        detail: key.to_owned(),
                    });
                }
            }
        }
        let unread = |_: &Area| OnceLock::new();
        let files = Language::ALL.map(|language| (language, AREAS.iter().map(unread).collect()));
        Ok(Arc::new(Self {
            areas,
            files: files.into(),
        }))
    }

    /// The sentence `key` with its `{ $placeables }` filled. A key that does not exist shows as
    /// `{key}`, so that nobody overlooks it.
    #[must_use]
    pub fn get(&self, language: Language, key: &str, arguments: &impl Arguments) -> String {
        self.find(language, key, arguments).unwrap_or_else(|| {
            tracing::warn!(
                language = language.tag(),
                key,
                "a page asks for a text that no file has"
            );
            format!("{{{key}}}")
        })
    }

    /// Whether there is a text under `key`.
    #[must_use]
    pub fn has(&self, language: Language, key: &str) -> bool {
        let file = self.file(language, key);
        file.is_some_and(|file| file.has_message(key))
    }

    /// As [`Texts::get`], for keys made from data (`parameter-…`), which may well not exist.
    #[must_use]
    pub fn find(
        &self,
        language: Language,
        key: &str,
        arguments: &impl Arguments,
    ) -> Option<String> {
        let file = self.file(language, key)?;
        let pattern = file.get_message(key)?.value()?;
        let mut values = FluentArgs::new();
        arguments.fill(&mut values);
        let mut errors = Vec::new();
        let text = file.format_pattern(pattern, Some(&values), &mut errors);
        for error in errors {
            tracing::warn!(language = language.tag(), key, %error, "a text is not complete");
        }
        Some(text.into_owned())
    }

    /// The file in which `key` stands.
    fn file(&self, language: Language, key: &str) -> Option<&Bundle> {
        let place = *self.areas.get(key)?;
        let (_, files) = self.files.iter().find(|(of, _)| *of == language)?;
        let (area, file) = (AREAS.get(place)?, files.get(place)?);
        Some(file.get_or_init(|| match parse(language, area) {
            Ok(file) => file,
            Err(error) => {
                // No test would have let it pass.
                tracing::error!(%error, "a language file cannot be used");
                FluentBundle::new_concurrent(Vec::new())
            }
        }))
    }
}

/// The keys of a Fluent file: a message begins in the first column, with a letter (Fluent 1.0, `Identifier`).
fn keys(source: &'static str) -> impl Iterator<Item = &'static str> {
    let messages = source
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()));
    messages.filter_map(|line| line.split_once('=').map(|(key, _)| key.trim()))
}

/// Parses one file.
fn parse(language: Language, area: &Area) -> Result<Bundle, TextError> {
    let tag = language
        .tag()
        .parse()
        .map_err(|_| TextError::Tag(language.tag()))?;
    let said = |errors: Vec<String>| errors.join("; ");
    let mut file = FluentBundle::new_concurrent(vec![tag]);
    // Without this, every argument stands between invisible U+2068 and U+2069, which a reader
    // copies along with a code or a token.
    file.set_use_isolating(false);
    let source = language.source(area).to_owned();
    let resource = FluentResource::try_new(source).map_err(|(_, errors)| TextError::Syntax {
        language: language.tag(),
        area: area.name,
        detail: said(errors.iter().map(ToString::to_string).collect()),
    })?;
    file.add_resource(resource)
        .map_err(|errors| TextError::Duplicate {
            language: language.tag(),
            area: area.name,
            detail: said(errors.iter().map(ToString::to_string).collect()),
        })?;
    Ok(file)
}

/// The key of a sentence about something with a machine name: `key_of("check", "code.unused")` is
/// `check-code-unused`, `key_of("parameter", "redirect_uri")` is `parameter-redirect-uri`.
#[must_use]
pub fn key_of(prefix: &str, name: &str) -> String {
    let name = name
        .replace(|c: char| !c.is_ascii_alphanumeric(), "-")
        .to_ascii_lowercase();
    format!("{prefix}-{name}")
}

/// Named values for the `{ $placeables }` of a sentence: `[("name", value)]` for one or several of
/// the same type, `(("name", a), ("count", b))` for two or three of different types, `()` for none.
pub trait Arguments {
    /// Adds the values to `values`.
    fn fill<'a>(&'a self, values: &mut FluentArgs<'a>);
}

impl Arguments for () {
    fn fill<'a>(&'a self, _: &mut FluentArgs<'a>) {}
}

impl<T: Arguments> Arguments for &T {
    fn fill<'a>(&'a self, values: &mut FluentArgs<'a>) {
        (*self).fill(values);
    }
}

impl<V: Display, const N: usize> Arguments for [(&str, V); N] {
    fn fill<'a>(&'a self, values: &mut FluentArgs<'a>) {
        for (name, value) in self {
            values.set(*name, argument(value));
        }
    }
}

impl<A: Display, B: Display> Arguments for ((&str, A), (&str, B)) {
    fn fill<'a>(&'a self, values: &mut FluentArgs<'a>) {
        values.set(self.0.0, argument(&self.0.1));
        values.set(self.1.0, argument(&self.1.1));
    }
}

impl<A: Display, B: Display, C: Display> Arguments for ((&str, A), (&str, B), (&str, C)) {
    fn fill<'a>(&'a self, values: &mut FluentArgs<'a>) {
        values.set(self.0.0, argument(&self.0.1));
        values.set(self.1.0, argument(&self.1.1));
        values.set(self.2.0, argument(&self.2.1));
    }
}

/// A short plain integer becomes a number, so that plural forms work; all else stays text, so that
/// no digit of an identifier is lost.
fn argument(value: &impl Display) -> FluentValue<'static> {
    let text = value.to_string();
    match text.parse::<i32>() {
        Ok(number) if number.to_string() == text => FluentValue::from(number),
        _ => FluentValue::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_the_language_of_the_cookie_then_of_the_browser() {
        use Language::{En, ZhCn};
        assert_eq!(Language::negotiate(Some("zh-CN"), Some("en")), ZhCn);
        assert_eq!(
            Language::negotiate(Some("xx"), Some("zh-TW,en;q=0.9")),
            ZhCn
        );
        assert_eq!(Language::negotiate(None, Some("en;q=0.5, zh;q=0.8")), ZhCn);
        assert_eq!(
            Language::negotiate(None, Some("de, en-GB;q=0.7, zh;q=0.3")),
            En
        );
        assert_eq!(Language::negotiate(None, Some("zh;q=0, fr")), En);
        assert_eq!(Language::negotiate(None, None), En);
    }

    #[test]
    fn every_file_can_be_read_and_says_what_it_is_looked_through_for() {
        let texts = Texts::load().unwrap();
        for (language, area) in Language::ALL
            .into_iter()
            .flat_map(|language| AREAS.iter().map(move |area| (language, area)))
        {
            let file = parse(language, area).unwrap();
            for key in keys(language.source(area)) {
                assert!(file.has_message(key), "{}: {key}", area.name);
                assert!(texts.has(language, key), "{}: {key}", area.name);
            }
        }
    }

    #[test]
    fn a_missing_text_is_visible() {
        let texts = Texts::load().unwrap();
        assert_eq!(texts.get(Language::En, "no-such-key", &()), "{no-such-key}");
        assert_eq!(texts.find(Language::En, "no-such-key", &()), None);
    }

    #[test]
    fn machine_names_make_keys() {
        assert_eq!(key_of("check", "code.unused"), "check-code-unused");
        assert_eq!(
            key_of("parameter", "redirect_uri"),
            "parameter-redirect-uri"
        );
    }

    #[test]
    fn long_digits_stay_text() {
        assert!(matches!(argument(&3), FluentValue::Number(_)));
        assert!(matches!(argument(&"00042"), FluentValue::String(_)));
        assert!(matches!(
            argument(&"123456789012345678901"),
            FluentValue::String(_)
        ));
    }
}
