//! What the provider keeps: people and their photos, realm by realm. The only room that knows diesel.
//!
//! | file | table |
//! |---|---|
//! | `realms` | which realms were put in, and their seeds |
//! | `people` | what `/me` tells |
//! | `photos` | captions and what to draw |

pub(crate) mod people;
pub(crate) mod photos;
pub(crate) mod realms;
mod schema;
#[cfg(test)]
mod tests;

use diesel_migrations::embed_migrations;
use shared::store::EmbeddedMigrations;

/// One history for SQLite and PostgreSQL.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!();
