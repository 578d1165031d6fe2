//! A browser's cookies, by name and path (RFC 6265 §5), for one host.

/// Cookies, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Cookies(Vec<Cookie>);

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl Cookies {
    /// Keeps a `Set-Cookie` of an answer to `path`; one that is over is forgotten.
    pub fn keep(&mut self, header: &str, path: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let directory = without_query(path).rsplit_once('/');
        let directory = directory.map_or("", |(directory, _)| directory);
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path: if directory.is_empty() { "/" } else { directory }.to_owned(),
        };
        let mut over = value.is_empty();
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name.to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                "max-age" => over |= value == "0" || value.starts_with('-'),
                "expires" => over |= value.contains("1970"),
                _ => {}
            }
        }
        self.0
            .retain(|kept| kept.name != cookie.name || kept.path != cookie.path);
        if !over {
            self.0.push(cookie);
        }
    }

    /// What a request for `path` carries; `None` where that is nothing.
    #[must_use]
    pub fn header(&self, path: &str) -> Option<String> {
        let path = without_query(path);
        let pairs = self.0.iter().filter(|cookie| cookie.is_for(path));
        let pairs: Vec<String> = pairs
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    fn is_for(&self, path: &str) -> bool {
        path.strip_prefix(&self.path).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/')
        })
    }
}

fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_go_where_they_belong_until_they_are_over() {
        let mut cookies = Cookies::default();
        cookies.keep("a=1; Path=/; HttpOnly", "/login");
        cookies.keep("b=2; path=/consent", "/login?x=/y");
        cookies.keep("c=3", "/deep/er?x");
        assert_eq!(cookies.header("/").as_deref(), Some("a=1"));
        assert_eq!(cookies.header("/consent?x").as_deref(), Some("a=1; b=2"));
        assert_eq!(cookies.header("/consented").as_deref(), Some("a=1"));
        assert_eq!(cookies.header("/deep/x").as_deref(), Some("a=1; c=3"));
        cookies.keep("a=9; Path=/", "/login");
        assert_eq!(cookies.header("/").as_deref(), Some("a=9"));
        cookies.keep("a=9; Path=/; Max-Age=0", "/login");
        assert_eq!(cookies.header("/"), None);
    }
}
