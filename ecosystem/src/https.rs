//! HTTPS for the whole ecosystem: by a certificate authority of this machine, or by given certificates.
//!
//! May use rcgen for the authority. Its certificate may vouch for `localhost`, `127.0.0.0/8` and `::1` alone (name
//! constraints, RFC 5280 §4.2.1.10), so that a stolen key opens no other door; the services' certificate is made
//! anew at each start and its key is never stored.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PublicKeyData,
    SanType,
};
use shared::serve::tls::{self, ServerTls, Tls, TlsConfig, TlsError};

/// The authority's certificate in its directory: what browsers are told to trust.
const CERTIFICATE: &str = "ca.pem";
/// The authority's private key in its directory.
const KEY: &str = "ca-key.pem";
/// How long a services' certificate lives, in days: browsers take 397 at most.
const LEAF_DAYS: u64 = 90;

/// Where certificates come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Https {
    /// From an authority of this machine, kept in this directory and made there on first use.
    LocalAuthority(PathBuf),
    /// From an authority that nobody keeps: gone when the ecosystem stops.
    Ephemeral,
    /// These files, PEM: the chain with the services' own certificate first, and its key. The certificate must be
    /// one for `localhost`.
    Given {
        /// The chain.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
}

/// Why there is no HTTPS.
#[derive(Debug, thiserror::Error)]
pub enum HttpsError {
    /// The authority's files cannot be read or written.
    #[error("the certificate authority in {}: {source}", .directory.display())]
    Files {
        /// Their directory.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The authority's key or a certificate cannot be made.
    #[error("a certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    /// A certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// The authority that vouches for the services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its certificate, PEM: trust it, and HTTPS to the ecosystem is trusted.
    pub certificate: String,
    /// Where that certificate is kept, where it is.
    pub file: Option<PathBuf>,
}

/// What the services are given.
#[derive(Clone, Debug, Default)]
pub(crate) struct PreparedHttps {
    pub(crate) tls: Tls,
    pub(crate) authority: Option<Authority>,
}

impl Https {
    /// Reads or makes the certificates.
    ///
    /// # Errors
    /// [`HttpsError`].
    pub(crate) fn prepare(&self) -> Result<PreparedHttps, HttpsError> {
        let (key, directory) = match self {
            Self::Given { certificate, key } => return given(certificate, key),
            Self::Ephemeral => (KeyPair::generate()?, None),
            Self::LocalAuthority(directory) => (kept_key(directory)?, Some(directory)),
        };
        let params = authority_params(&key);
        let certificate = match directory {
            None => params.self_signed(&key)?.pem(),
            Some(directory) => kept_certificate(directory, &params, &key)?,
        };
        let leaf_key = KeyPair::generate()?;
        let leaf = leaf_params().signed_by(&leaf_key, &Issuer::new(params, key))?;
        let server =
            ServerTls::from_pem(leaf.pem().as_bytes(), leaf_key.serialize_pem().as_bytes());
        Ok(PreparedHttps {
            tls: Tls {
                server: Some(server?),
                roots: tls::roots(certificate.as_bytes())?,
            },
            authority: Some(Authority {
                certificate,
                file: directory.map(|directory| directory.join(CERTIFICATE)),
            }),
        })
    }
}

/// Certificates of somebody else. The last of the chain is trusted for the calls between the services, so that they
/// work with an authority that this machine does not know.
fn given(certificate: &Path, key: &Path) -> Result<PreparedHttps, HttpsError> {
    let tls = TlsConfig {
        certificate: Some(certificate.to_path_buf()),
        key: Some(key.to_path_buf()),
        roots: Some(certificate.to_path_buf()),
    };
    Ok(PreparedHttps {
        tls: tls.read()?,
        authority: None,
    })
}

/// The authority's key, made on first use and readable by its owner alone.
fn kept_key(directory: &Path) -> Result<KeyPair, HttpsError> {
    let failed = |source| HttpsError::Files {
        directory: directory.to_path_buf(),
        source,
    };
    fs::create_dir_all(directory).map_err(failed)?;
    match fs::read_to_string(directory.join(KEY)) {
        Ok(pem) => Ok(KeyPair::from_pem(&pem)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = KeyPair::generate()?;
            write_private(&directory.join(KEY), &key.serialize_pem()).map_err(failed)?;
            Ok(key)
        }
        Err(error) => Err(failed(error)),
    }
}

/// The authority's certificate, made on first use: later ones would be as good, but what a browser was told to
/// trust stays the same file.
fn kept_certificate(
    directory: &Path,
    params: &CertificateParams,
    key: &KeyPair,
) -> Result<String, HttpsError> {
    let failed = |source| HttpsError::Files {
        directory: directory.to_path_buf(),
        source,
    };
    let path = directory.join(CERTIFICATE);
    match fs::read_to_string(&path) {
        Ok(pem) => Ok(pem),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let pem = params.self_signed(key)?.pem();
            fs::write(&path, &pem).map_err(failed)?;
            Ok(pem)
        }
        Err(error) => Err(failed(error)),
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}

/// What the authority says of itself: the same each time that it is made from the same key.
fn authority_params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    let digest =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &key.subject_public_key_info());
    let mut id = String::new();
    for byte in digest.as_ref().iter().take(4) {
        let _ = write!(id, "{byte:02x}");
    }
    params.distinguished_name.push(
        DnType::CommonName,
        format!("Grantscope on this machine ({id})"),
    );
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                8,
            )),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                IpAddr::V6(Ipv6Addr::LOCALHOST),
                128,
            )),
        ],
        excluded_subtrees: Vec::new(),
    });
    let now = wall_clock();
    params.not_before = (now - days(1)).into();
    params.not_after = (now + days(3650)).into();
    params
}

fn leaf_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params.subject_alt_names = localhost_names();
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let now = wall_clock();
    params.not_before = (now - days(1)).into();
    params.not_after = (now + days(LEAF_DAYS)).into();
    params
}

fn localhost_names() -> Vec<SanType> {
    let name = "localhost".try_into().ok().map(SanType::DnsName);
    name.into_iter()
        .chain([
            SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ])
        .collect()
}

const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 60 * 60)
}

/// The wall clock, which is what browsers judge certificates by: no realm's.
fn wall_clock() -> SystemTime {
    let since = u64::try_from(shared::time::wall_clock_us()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_micros(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_made_once_and_its_key_is_its_owner_s() {
        tls::install_crypto_provider();
        let directory = tempfile::tempdir().unwrap();
        let https = Https::LocalAuthority(directory.path().join("tls"));
        let first = https.prepare().unwrap().authority.unwrap();
        let again = https.prepare().unwrap().authority.unwrap();
        assert_eq!(first, again);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let key = fs::metadata(directory.path().join("tls").join(KEY)).unwrap();
            assert_eq!(key.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        tls::install_crypto_provider();
        let directory = tempfile::tempdir().unwrap();
        let one = KeyPair::generate().unwrap();
        let other = KeyPair::generate().unwrap();
        let certificate = directory.path().join("cert.pem");
        let key = directory.path().join("key.pem");
        fs::write(&certificate, leaf_params().self_signed(&one).unwrap().pem()).unwrap();
        fs::write(&key, other.serialize_pem()).unwrap();
        let refused = Https::Given { certificate, key }.prepare().unwrap_err();
        assert!(matches!(refused, HttpsError::Tls(TlsError::Certificate(_))));
    }
}
