//! What a page shows of a client besides its name: its picture, and where it says who it is and how it treats what it
//! learns (RFC 7591 §2, OpenID Connect Dynamic Client Registration §2).

use shared::page::Frame;

use crate::client::Client;

/// One link that the client registered.
#[derive(Clone, Debug)]
pub(crate) struct ClientLink {
    /// What it leads to, in words.
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) uri: String,
    /// The `id` of the link.
    pub(crate) id: &'static str,
}

/// A client as people see it.
#[derive(Clone, Debug)]
pub(crate) struct ClientCard {
    /// Its name, in the reader's language where it has one in it.
    pub(crate) name: String,
    /// Where its picture is, at this server.
    pub(crate) logo: Option<String>,
    /// Its own pages.
    pub(crate) links: Vec<ClientLink>,
}

/// Whether a client's picture can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// It was fetched, and is one.
    Known,
    /// There is none, or it was not fetched in time: a page without one is better than a broken one.
    None,
}

/// Who registered a client, in words: somebody here, or nobody but itself (RFC 7591).
pub(crate) fn registered_by(frame: &Frame, itself: bool) -> String {
    frame.t(if itself {
        "consent-registered-by-itself"
    } else {
        "consent-registered-by-operator"
    })
}

impl ClientCard {
    /// The card of `client` in the language of `frame`; with its picture, where there is one to show.
    pub(crate) fn of(frame: &Frame, client: &Client, picture: Picture) -> Self {
        let metadata = &client.metadata;
        let own = |base: &str| {
            let tagged = |tag: &str| {
                let found = metadata.localized.iter().find(|(name, _)| {
                    let rest = name
                        .strip_prefix(base)
                        .and_then(|rest| rest.strip_prefix('#'));
                    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(tag))
                });
                found.map(|(_, text)| text.clone())
            };
            let tag = frame.lang_tag();
            let primary = tag.split('-').next().unwrap_or(tag);
            tagged(tag).or_else(|| tagged(primary))
        };
        let link = |base: &'static str, id, plain: &Option<String>| {
            let uri = own(base).or_else(|| plain.clone())?;
            Some(ClientLink {
                text: frame.t(format!("client-link-{id}")),
                uri,
                id,
            })
        };
        let links = [
            link("client_uri", "home", &metadata.client_uri),
            link("policy_uri", "policy", &metadata.policy_uri),
            link("tos_uri", "terms", &metadata.tos_uri),
        ];
        let logo = (picture == Picture::Known).then(|| {
            let id: String =
                url::form_urlencoded::byte_serialize(client.id.as_str().as_bytes()).collect();
            frame.link(format!("/logo?client_id={id}"))
        });
        Self {
            name: own("client_name").unwrap_or_else(|| client.name.clone()),
            logo,
            links: links.into_iter().flatten().collect(),
        }
    }
}

#[cfg(test)]
impl ClientCard {
    /// One with a picture and a page.
    pub(crate) fn sample() -> Self {
        Self {
            name: "Print & Shop".to_owned(),
            logo: Some("/logo?client_id=web".to_owned()),
            links: vec![ClientLink {
                text: "its home page".to_owned(),
                uri: "https://client.example/?a=1&b=<2>".to_owned(),
                id: "home",
            }],
        }
    }
}
