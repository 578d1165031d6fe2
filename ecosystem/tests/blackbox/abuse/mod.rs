//! What nobody honest sends, and what it must not do to anybody else.
//!
//! | file | what is sent |
//! |---|---|
//! | `table` | every route of the three services, read from their route tables: none can be forgotten |
//! | `methods` | methods that a path does not have |
//! | `body` | bodies that stall, never end, are compressed, deep, or no text |
//! | `framing` | requests that can be read in two ways (RFC 9112 §11.2), other hosts, absolute targets |
//! | `crowd` | slow heads, thousands of idle connections |
//! | `nul` | U+0000 in every text, where PostgreSQL can hold none |
//! | `unread` | requests behind each other whose answers nobody takes |
//! | `guesses` | passwords, secrets, user codes and tokens, guessed: after a restart, at another process |
//! | `at_once` | the same, many at the same time |
//! | `at_home` | secrets where their client lives |
//! | `strangers` | what the server is to keep for callers who have proven nothing |
//! | `origins` | pages of other sites (CSRF, DNS rebinding), and proxies that nobody trusts |
//! | `canary` | secrets in every field, looked for in logs, pages, exports and other realms |

mod at_home;
mod at_once;
mod body;
mod canary;
mod crowd;
mod framing;
mod guesses;
mod methods;
mod nul;
mod origins;
mod strangers;
mod table;
mod unread;

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use crate::support::{World, connect};

/// The addresses of all three services.
fn services(world: &World) -> Vec<Url> {
    let ecosystem = &world.ecosystem;
    [
        ecosystem.client_app(),
        ecosystem.auth_server(),
        ecosystem.resource_server(),
    ]
    .map(|address| address.parse().unwrap())
    .to_vec()
}

/// Sends these bytes and reads until the connection ends, at most as long as `patience`; what came, and whether the
/// other side ended it.
async fn raw(url: &Url, bytes: &[u8], patience: Duration) -> (String, bool) {
    let mut stream = connect(url).await;
    // It may be refused before it is read.
    let _ = stream.write_all(bytes).await;
    let mut received = Vec::new();
    let read = stream.read_to_end(&mut received);
    let ended = tokio::time::timeout(patience, read).await.is_ok();
    (String::from_utf8_lossy(&received).into_owned(), ended)
}

/// The status of the first answer; 0 where there is none.
fn status(answer: &str) -> u16 {
    let word = answer.split(' ').nth(1);
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}
