//! The browser that a person has signed in with before: a random cookie of its own, of which the store knows the
//! digest. It signs nobody in; it only keeps strangers' guesses from locking its owner out.

use actix_web::cookie::{Cookie, time::Duration};
use shared::oauth::{Digest, NoRandomness, Secret, SecretKind};
use shared::realm::RealmName;
use shared::serve::Cookies;
use shared::time::Timestamp;

use super::visit::Visit;
use crate::person::{DEVICE_KNOWN, known_browser, known_device};
use crate::store::{DbConnection, Stored, known_places};

/// The cookie of the default realm.
const COOKIE: &str = "as_device";

/// 256 random bits.
enum Device {}

impl SecretKind for Device {
    const NAME: &'static str = "device";
}

/// What a browser is known by.
pub(crate) struct DeviceId(Secret<Device>);

impl DeviceId {
    /// The id that the browser was given.
    pub(crate) fn of(visit: &Visit) -> Option<Self> {
        let name = visit.realm.name.cookie_name(COOKIE);
        let value = visit.cookies().value(&visit.request, &name)?;
        Some(Self(Secret::from_text(value)))
    }

    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        Secret::generate().map(Self)
    }

    /// Under what the store knows it.
    pub(crate) fn digest(&self) -> Digest {
        self.0.digest()
    }

    /// The cookie that keeps it for as long as it is known.
    pub(crate) fn cookie(&self, (cookies, realm): (Cookies, &RealmName)) -> Cookie<'static> {
        let mut cookie = cookies.make(&realm.cookie_name(COOKIE), self.0.expose());
        cookie.set_max_age(Duration::seconds(i64::from(DEVICE_KNOWN.as_seconds())));
        cookie
    }
}

/// Remembers that `sub` signed in with the browser that is known as `own`; where it was not theirs before, it is
/// known as `fresh` from now on: somebody may have planted the cookie.
pub(crate) fn know(
    tx: &mut DbConnection,
    realm: &RealmName,
    (own, fresh): (Option<DeviceId>, DeviceId),
    sub: &str,
    now: Timestamp,
) -> Stored<DeviceId> {
    let is_theirs = |tx: &mut DbConnection, device: &DeviceId| {
        known_places::is_known(tx, realm, &known_device(&device.digest(), sub), now)
    };
    let device = match own {
        Some(own) if is_theirs(tx, &own)? => own,
        _ => fresh,
    };
    let digest = device.digest();
    for key in [known_device(&digest, sub), known_browser(&digest)] {
        known_places::know(tx, realm, &key, now + DEVICE_KNOWN)?;
    }
    Ok(device)
}
