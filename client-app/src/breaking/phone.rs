//! Phone: stands in for the person whose device waits elsewhere (RFC 8628 §3.3): opens the address that the device
//! shows, types the code where it is not there yet, signs in, and decides as the person did.
//!
//! A browser of its own: the device's session is not the person's.

use super::BreakError;
use super::robot::{Landing, Robot};
use shared::observe::HttpRequest;

/// What a device shows to its person (RFC 8628 §3.2).
#[derive(Clone, Debug)]
pub(super) struct Screen {
    /// The code.
    pub(super) user_code: String,
    /// Where it is typed; with the code in it, where the server gave such an address.
    pub(super) address: String,
}

/// Does what the person does. Whether the person came to decide: else the device waits in vain.
///
/// # Errors
/// [`BreakError`] when the provider is away or answers what cannot be followed.
pub(super) async fn decide(device: &Robot<'_>, screen: Screen) -> Result<bool, BreakError> {
    let mut phone = device.on_another_device(screen.user_code);
    let landing = phone
        .go(HttpRequest::get(screen.address), |_| false)
        .await?;
    // From now on a poll is answered with what was decided.
    device.job.person_is_done();
    Ok(match landing {
        Landing::Page { url, .. } => {
            let path = url.split(['?', '#']).next().unwrap_or_default();
            path.ends_with("/device/done")
        }
        Landing::Left(_) | Landing::Over => false,
    })
}
