//! A browser as people call it, from what it says of itself (`User-Agent`, RFC 9110 §10.1.5).
//!
//! A guess for people to recognise their own devices by; nothing depends on it.

/// Browsers by what only they say; those that also say another's name come first.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("HtmlUnit", "HtmlUnit"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// Systems, likewise.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Name and system of a browser, as far as they can be told.
pub(crate) fn of(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let find = |known: &[(&str, &'static str)]| {
        let mut known = known.iter();
        let found = known.find(|(sign, _)| user_agent.contains(sign));
        found.map(|(_, name)| *name)
    };
    (find(&BROWSERS), find(&SYSTEMS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_that_say_each_others_names_are_told_apart() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        assert_eq!(of(chrome), (Some("Chrome"), Some("Linux")));
        let edge = format!("{chrome} Edg/140.0");
        assert_eq!(of(&edge).0, Some("Edge"));
        let phone = "Mozilla/5.0 (Linux; Android 16) Gecko/144.0 Firefox/144.0";
        assert_eq!(of(phone), (Some("Firefox"), Some("Android")));
        assert_eq!(of("something else"), (None, None));
    }
}
