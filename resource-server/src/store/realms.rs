//! The table `realms`, and how a realm's seed is put in: once, whole or not at all.

use diesel::prelude::*;
use shared::realm::RealmName;
use shared::seed::{PersonSeed, PhotoSeed, RealmSeed};
use shared::store::{DbConnection, StoreError};
use shared::time::Timestamp;

use super::people::{self, Person};
use super::photos::{self, Photo};
use super::schema::realms;

/// The photos of a seed lie this many seconds apart: the first is the newest.
const APART: i64 = 86_400;

/// Puts `seed` in at `now`, unless the realm is there already; whether it was put in. Of several processes at once
/// one does, and the others wait for it.
pub(crate) fn create(
    tx: &mut DbConnection,
    seed: &RealmSeed,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = (
        realms::realm.eq(seed.name.as_str()),
        realms::created_at.eq(now.as_unix()),
    );
    macro_rules! insert {
        ($connection:expr) => {
            diesel::insert_into(realms::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute($connection)
        };
    }
    let inserted = match tx {
        DbConnection::Postgres(connection) => insert!(connection),
        DbConnection::Sqlite(connection) => insert!(connection),
    }?;
    if inserted == 0 {
        return Ok(false);
    }
    for person in &seed.people {
        people::insert(tx, &person_row(&seed.name, person))?;
        let own = seed
            .photos
            .iter()
            .filter(|photo| photo.owner == person.username);
        for (number, photo) in (1..).zip(own) {
            let row = photo_row(&seed.name, person, photo, (number, now));
            photos::insert(tx, &row)?;
        }
    }
    Ok(true)
}

/// Whether the realm was put in.
pub(crate) fn exists(tx: &mut DbConnection, realm: &RealmName) -> Result<bool, StoreError> {
    let found: Option<i64> = realms::table
        .filter(realms::realm.eq(realm.as_str()))
        .select(realms::created_at)
        .first(tx)
        .optional()?;
    Ok(found.is_some())
}

fn person_row(realm: &RealmName, person: &PersonSeed) -> Person {
    let claims = &person.claims;
    let name = claims.name.clone();
    Person {
        realm: realm.to_string(),
        sub: person.sub.clone(),
        username: person.username.clone(),
        name: name.unwrap_or_else(|| person.username.clone()),
        email: claims.email.clone(),
        email_verified: claims.email_verified.unwrap_or(false),
    }
}

/// The `number`th photo of a person has the id `{username}-{number}`, so that documents can name it.
fn photo_row(
    realm: &RealmName,
    person: &PersonSeed,
    photo: &PhotoSeed,
    (number, now): (i64, Timestamp),
) -> Photo {
    Photo {
        realm: realm.to_string(),
        id: format!("{}-{number}", person.username),
        owner: person.sub.clone(),
        caption: photo.caption.clone(),
        theme: photo.theme.as_str().to_owned(),
        hue: i32::from(photo.hue),
        created_at: now.as_unix().saturating_sub(number.saturating_mul(APART)),
    }
}
