//! Where a request really came from, when a proxy of ours stands before the service.
//!
//! Anybody can write `X-Forwarded-For`. It is believed only where the peer of the connection is a trusted proxy
//! (`[server] trusted_proxies`), and then read from its end: each trusted proxy appended the address that it saw, and
//! the first one that is no proxy of ours is the caller. `Forwarded` (RFC 7239), `X-Real-IP`, `X-Forwarded-Host` and
//! `-Proto` are never read: a proxy that does not set them would pass on what the caller wrote. The public address is
//! configured (`[wiring] addresses`).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use serde::{Deserialize, Serialize};

/// The header that is read; several of it are one list (RFC 9110 §5.3).
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The addresses of our own proxies: none unless configured. Mounted as `app_data`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrustedProxies(Vec<Network>);

/// Addresses by their first bits: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// Text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no network: write an address, or an address and how many of its bits count, as 10.0.0.0/8"
)]
pub struct InvalidNetwork(String);

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let invalid = || InvalidNetwork(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) => bits.parse().map_err(|_| invalid())?,
        };
        if bits > most {
            return Err(invalid());
        }
        Ok(Self { address, bits })
    }
}

impl TryFrom<String> for Network {
    type Error = InvalidNetwork;

    fn try_from(text: String) -> Result<Self, InvalidNetwork> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        let differing = match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                u128::from((own.to_bits() ^ other.to_bits()).leading_zeros())
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                u128::from((own.to_bits() ^ other.to_bits()).leading_zeros())
            }
            _ => return false,
        };
        differing >= u128::from(self.bits)
    }
}

impl FromIterator<Network> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl TrustedProxies {
    /// `[::1]` is trusted as `127.0.0.1` is: one name, `localhost`, leads to either.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let contains = |address| self.0.iter().any(|network| network.contains(address));
        contains(address) || contains(one_machine(address))
    }

    /// Who called, given the peer of the connection and what `X-Forwarded-For` says, the last entry first. An entry
    /// that is no address ends it: then whoever wrote it is the caller.
    fn caller<'a>(&self, peer: IpAddr, forwarded: impl Iterator<Item = &'a str>) -> IpAddr {
        let mut caller = peer;
        for entry in forwarded {
            if !self.trusts(caller) {
                break;
            }
            match address_in(entry) {
                Some(address) => caller = address,
                None => break,
            }
        }
        one_machine(caller)
    }
}

/// This machine has one address, by whichever protocol it calls itself: what is counted for an address, and compared with
/// one, is the same for `[::1]` as for `127.0.0.1`.
fn one_machine(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(Ipv6Addr::LOCALHOST) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        address => address,
    }
}

/// The address in one entry, which may have a port.
fn address_in(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    entry
        .parse()
        .ok()
        .or_else(|| Some(entry.parse::<std::net::SocketAddr>().ok()?.ip()))
        .or_else(|| entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

/// The address of whoever called: the connection's peer, or whom trusted proxies name. `None` where the connection
/// has no address (a socket of the file system).
#[must_use]
pub fn caller_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let proxies = request.app_data::<TrustedProxies>();
    let Some(proxies) = proxies.filter(|proxies| proxies.trusts(peer)) else {
        return Some(one_machine(peer));
    };
    let mut headers: Vec<&str> = Vec::new();
    for header in request.headers().get_all(FORWARDED_FOR) {
        // What is not ASCII is no address: everything before it is somebody's word.
        headers.push(header.to_str().unwrap_or("?"));
    }
    let entries = headers.iter().rev().flat_map(|header| header.rsplit(','));
    Some(proxies.caller(peer, entries))
}

/// The network of whoever called, for limits on guesses: of IPv6 the first 64 bits, for all that follows them belongs
/// to one party (RFC 6177 §2). This machine is only itself.
#[must_use]
pub fn caller_network(request: &HttpRequest) -> Option<IpAddr> {
    caller_address(request).map(network_of)
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_one_party() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:1::6"), network("2001:db8:1:1:ffff::1"));
        assert_ne!(network("2001:db8:1:1::6"), network("2001:db8:1:2::6"));
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
    }

    fn proxies(networks: &[&str]) -> TrustedProxies {
        networks.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn caller(proxies: &TrustedProxies, peer: &str, header: &str) -> String {
        let entries = header.rsplit(',').filter(|entry| !entry.is_empty());
        proxies.caller(peer.parse().unwrap(), entries).to_string()
    }

    #[test]
    fn only_a_trusted_peer_is_believed_and_only_what_it_appended() {
        let none = TrustedProxies::default();
        assert_eq!(caller(&none, "10.0.0.9", "1.2.3.4"), "10.0.0.9");
        let ours = proxies(&["10.0.0.0/8", "fd00::/8"]);
        assert_eq!(caller(&ours, "192.0.2.1", "1.2.3.4"), "192.0.2.1");
        assert_eq!(caller(&ours, "10.0.0.9", "1.2.3.4"), "1.2.3.4");
        assert_eq!(caller(&ours, "10.0.0.9", ""), "10.0.0.9");
        // The caller wrote 127.0.0.1 itself; our proxy appended what it saw.
        assert_eq!(caller(&ours, "10.0.0.9", "127.0.0.1, 1.2.3.4"), "1.2.3.4");
        // Two proxies of ours in a row.
        assert_eq!(
            caller(&ours, "10.0.0.9", "6.6.6.6, 1.2.3.4, 10.1.1.1"),
            "1.2.3.4"
        );
        assert_eq!(caller(&ours, "::ffff:10.0.0.9", "1.2.3.4:567"), "1.2.3.4");
        assert_eq!(caller(&ours, "fd00::1", "[2001:db8::1]:443"), "2001:db8::1");
        assert_eq!(caller(&ours, "10.0.0.9", "unknown"), "10.0.0.9");
        // `localhost` is one party, by whichever protocol it comes, and is trusted by either name.
        assert_eq!(caller(&none, "::1", ""), "127.0.0.1");
        assert_eq!(caller(&ours, "10.0.0.9", "::1"), "127.0.0.1");
        for near in ["127.0.0.1", "127.0.0.0/8", "::1"] {
            assert_eq!(caller(&proxies(&[near]), "::1", "1.2.3.4"), "1.2.3.4");
        }
        assert_eq!(caller(&proxies(&["::1"]), "::2", "1.2.3.4"), "::2");
    }

    #[test]
    fn a_network_is_an_address_and_bits() {
        for bad in [
            "",
            "10.0.0.0/33",
            "::1/129",
            "localhost",
            "10.0.0.0/",
            "/8",
            "10/8",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        assert!(proxies(&["0.0.0.0/0"]).trusts("9.9.9.9".parse().unwrap()));
        let one = proxies(&["192.0.2.1"]);
        assert!(one.trusts("192.0.2.1".parse().unwrap()));
        assert!(!one.trusts("192.0.2.2".parse().unwrap()));
        let networks: TrustedProxies = serde_json::from_str(r#"["10.0.0.0/8"]"#).unwrap();
        assert_eq!(
            serde_json::to_string(&networks).unwrap(),
            r#"["10.0.0.0/8"]"#
        );
    }
}
