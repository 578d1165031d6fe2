//! Taking a port, by IPv4 and IPv6 where the address says `localhost`, and refusing to show the demo's passwords to a
//! network.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

/// Why a service cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error("port {port} is already in use; choose another with {option}")]
    Taken {
        /// The port that is taken.
        port: u16,
        /// The option or configuration key that moves it.
        option: String,
    },
    /// Anything else.
    #[error("cannot listen on {address}: {source}; choose another with {option}")]
    Failed {
        /// Where it should have listened.
        address: SocketAddr,
        /// The option or configuration key that moves it.
        option: String,
        /// The system's reason.
        source: io::Error,
    },
}

/// Listens on `address` (port 0 takes a free one). `option` is what the reader of an error can
/// change, for instance `--ports CLIENT,AUTH,RESOURCE`.
///
/// # Errors
/// [`ListenError`], which names the port and the option.
pub fn bind(address: SocketAddr, option: &str) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).map_err(|source| {
        let option = option.to_owned();
        if source.kind() == io::ErrorKind::AddrInUse {
            let port = address.port();
            ListenError::Taken { port, option }
        } else {
            ListenError::Failed {
                address,
                option,
                source,
            }
        }
    })
}

/// The same port on `[::1]`, for a service that listens on `127.0.0.1` and whose address, `url`, says `localhost`: the
/// name stands for both (RFC 6761 §6.3), and a client may try the one, or the other, and leave it at that. `None`
/// where the address names something else, where the machine has no IPv6, and where another program has the port
/// there, which the log says.
#[must_use]
pub fn by_ipv6(listener: &TcpListener, url: &str) -> Option<TcpListener> {
    let own = listener.local_addr().ok()?;
    let url = url::Url::parse(url).ok()?;
    let is_named = url.host_str() == Some("localhost")
        && url.port_or_known_default() == Some(own.port())
        && own.ip() == Ipv4Addr::LOCALHOST;
    if !is_named {
        return None;
    }
    match TcpListener::bind((Ipv6Addr::LOCALHOST, own.port())) {
        Ok(listener) => Some(listener),
        Err(error) => {
            if error.kind() == io::ErrorKind::AddrInUse {
                tracing::warn!(
                    port = own.port(),
                    "another program listens on [::1]: who takes localhost for that reaches it, and not this service"
                );
            }
            None
        }
    }
}

/// Why a demo does not listen on a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "refusing to listen on {bind}, which other machines can reach:\n{}\nListen on 127.0.0.1, replace these, or say allow_public_demo = true if everybody on that network may sign in.",
    .reasons.iter().map(|reason| format!("  - {reason}")).collect::<Vec<_>>().join("\n")
)]
pub struct PublicDemo {
    /// The address that was asked for.
    pub bind: SocketAddr,
    /// What anybody could use, one sentence each.
    pub reasons: Vec<String>,
}

/// Refuses a bind that is not loopback while there are demo credentials. `reasons` lists them in
/// words ("alice signs in with the password of the documentation"); none means all is well.
///
/// # Errors
/// [`PublicDemo`] with the reasons, unless `allow_public_demo`.
pub fn refuse_public_demo(
    bind: SocketAddr,
    allow_public_demo: bool,
    reasons: Vec<String>,
) -> Result<(), PublicDemo> {
    if bind.ip().to_canonical().is_loopback() || allow_public_demo || reasons.is_empty() {
        return Ok(());
    }
    Err(PublicDemo { bind, reasons })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_option_that_moves_it() {
        let first = bind("127.0.0.1:0".parse().unwrap(), "--ports").unwrap();
        let port = first.local_addr().unwrap().port();
        let error = bind(first.local_addr().unwrap(), "--ports").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("port {port} is already in use; choose another with --ports")
        );
    }

    #[test]
    fn localhost_is_listened_on_by_both_protocols_and_other_names_are_not() {
        let first = bind("127.0.0.1:0".parse().unwrap(), "--ports").unwrap();
        let port = first.local_addr().unwrap().port();
        let named = format!("http://localhost:{port}");
        let has_ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
        let second = by_ipv6(&first, &named);
        assert_eq!(second.is_some(), has_ipv6);
        if let Some(second) = &second {
            let own = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
            assert_eq!(second.local_addr().unwrap(), own);
        }
        // Taken: the service goes on without.
        assert!(by_ipv6(&first, &named).is_none());
        drop(second);
        for other in [
            format!("http://127.0.0.1:{port}"),
            format!("http://photos.example:{port}"),
            "http://localhost:1".to_owned(),
            "https://localhost".to_owned(),
            "localhost".to_owned(),
        ] {
            assert!(by_ipv6(&first, &other).is_none(), "{other}");
        }
        let everywhere = bind("0.0.0.0:0".parse().unwrap(), "--ports").unwrap();
        let port = everywhere.local_addr().unwrap().port();
        assert!(by_ipv6(&everywhere, &format!("http://localhost:{port}")).is_none());
    }

    #[test]
    fn demo_credentials_stay_on_loopback() {
        let reasons = vec!["alice has the demo's password".to_owned()];
        let public: SocketAddr = "0.0.0.0:9000".parse().unwrap();
        let error = refuse_public_demo(public, false, reasons.clone()).unwrap_err();
        assert!(error.to_string().contains("  - alice has"), "{error}");
        assert!(refuse_public_demo(public, true, reasons.clone()).is_ok());
        assert!(refuse_public_demo(public, false, vec![]).is_ok());
        for loopback in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(refuse_public_demo(loopback.parse().unwrap(), false, reasons.clone()).is_ok());
        }
    }
}
