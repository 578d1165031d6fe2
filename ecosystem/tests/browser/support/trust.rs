//! What a browser's person trusts: a certificate authority, added as the banner of `ecosystem --tls` says.
//!
//! May use `certutil` (on Debian `libnss3-tools`).

use std::path::Path;
use std::process::Command;

/// Adds the authority with this certificate (PEM) to what is trusted by whoever lives in `home`.
pub(crate) fn authority(home: &Path, certificate: &str) {
    let database = home.join(".pki/nssdb");
    std::fs::create_dir_all(&database).expect("a directory for what is trusted");
    let file = home.join("ca.pem");
    std::fs::write(&file, certificate).expect("the certificate's file");
    let database = format!("sql:{}", database.display());
    let certutil = |arguments: &[&str]| {
        let ran = Command::new("certutil")
            .args(["-d", &database])
            .args(arguments)
            .output();
        let ran = ran.unwrap_or_else(|error| panic!("certutil (Debian: libnss3-tools): {error}"));
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "certutil {arguments:?}: {said}");
    };
    let file = file.display().to_string();
    certutil(&["-N", "--empty-password"]);
    certutil(&["-A", "-t", "C,,", "-n", "grantscope", "-i", &file]);
}
