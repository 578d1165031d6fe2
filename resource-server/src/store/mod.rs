//! What the provider keeps: people and their photos, realm by realm, and what its processes must share to judge
//! proofs of possession. The only room that knows diesel.
//!
//! | file | table |
//! |---|---|
//! | `realms` | which realms were put in, and their seeds |
//! | `people` | what `/me` tells |
//! | `photos` | captions and what to draw |
//! | `nonce_secrets` | what nonces for proofs are made under |
//! | `used_proofs` | proofs that were used |

pub(crate) mod nonce_secrets;
pub(crate) mod people;
pub(crate) mod photos;
pub(crate) mod realms;
mod schema;
#[cfg(test)]
mod tests;
pub(crate) mod used_proofs;

use diesel_migrations::embed_migrations;
use shared::store::EmbeddedMigrations;

/// One history for SQLite and PostgreSQL.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!();
