//! Every path that is none: a page that says so, and where to go on.

use actix_web::HttpResponse;

use super::visit::Visit;
use crate::flow::{Refusal, RefusalKind};

/// There is no such page.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    let refusal = Refusal::by_client(RefusalKind::PageUnknown);
    visit.refuse(&refusal, None).await
}
