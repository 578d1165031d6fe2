//! The table `photos`: each row belongs to one person of one realm, and is found by nobody else.

use diesel::prelude::*;
use shared::on_dialect;
use shared::realm::RealmName;
use shared::store::{DbConnection, Outcome, StoreError};

use super::schema::photos;

/// The most photos that one person keeps.
pub(crate) const MAX_PHOTOS: i64 = 200;

/// A photo: a caption and what to draw.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = photos)]
pub(crate) struct Photo {
    /// The realm.
    pub(crate) realm: String,
    /// Its own id, unique in the realm.
    pub(crate) id: String,
    /// Whose it is (`sub`).
    pub(crate) owner: String,
    /// What is written under it.
    pub(crate) caption: String,
    /// The name of a theme.
    pub(crate) theme: String,
    /// Degrees on the colour wheel, 0 to 359.
    pub(crate) hue: i32,
    /// Unix seconds, on the realm's clock.
    pub(crate) created_at: i64,
}

/// Why a photo was not added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddError {
    /// The person keeps as many as they may.
    #[error("at most {MAX_PHOTOS} photos are kept; delete one first")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Outcome for AddError {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Full)
    }
}

/// Adds a photo.
pub(crate) fn insert(tx: &mut DbConnection, photo: &Photo) -> Result<(), StoreError> {
    diesel::insert_into(photos::table)
        .values(photo)
        .execute(tx)?;
    Ok(())
}

/// Adds a photo, unless its owner has [`MAX_PHOTOS`] already.
///
/// On PostgreSQL two at once may end one above the limit: it bounds the table, nothing hangs on it.
pub(crate) fn add(tx: &mut DbConnection, photo: &Photo) -> Result<(), AddError> {
    let kept: i64 = photos::table
        .filter(photos::realm.eq(&photo.realm))
        .filter(photos::owner.eq(&photo.owner))
        .count()
        .get_result(tx)
        .map_err(StoreError::from)?;
    if kept >= MAX_PHOTOS {
        return Err(AddError::Full);
    }
    Ok(insert(tx, photo)?)
}

/// The photos of `owner`, the newest first.
pub(crate) fn list(
    tx: &mut DbConnection,
    realm: &RealmName,
    owner: &str,
) -> Result<Vec<Photo>, StoreError> {
    Ok(photos::table
        .filter(photos::realm.eq(realm.as_str()))
        .filter(photos::owner.eq(owner))
        .order((photos::created_at.desc(), photos::id))
        .select(photos::all_columns)
        .load(tx)?)
}

/// The photo `id`, if it is `owner`'s.
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    owner: &str,
    id: &str,
) -> Result<Option<Photo>, StoreError> {
    // A text of PostgreSQL holds no NUL, so there is none such.
    if id.contains('\0') {
        return Ok(None);
    }
    Ok(photos::table
        .filter(photos::realm.eq(realm.as_str()))
        .filter(photos::owner.eq(owner))
        .filter(photos::id.eq(id))
        .select(photos::all_columns)
        .first(tx)
        .optional()?)
}

/// Deletes the photo `id`, if it is `owner`'s; whether there was one.
pub(crate) fn delete(
    tx: &mut DbConnection,
    realm: &RealmName,
    owner: &str,
    id: &str,
) -> Result<bool, StoreError> {
    // A text of PostgreSQL holds no NUL, so there is none such.
    if id.contains('\0') {
        return Ok(false);
    }
    let deleted = diesel::delete(
        photos::table
            .filter(photos::realm.eq(realm.as_str()))
            .filter(photos::owner.eq(owner))
            .filter(photos::id.eq(id)),
    )
    .execute(tx)?;
    Ok(deleted > 0)
}

/// How many photos the realm has.
pub(crate) fn count(tx: &mut DbConnection, realm: &RealmName) -> Result<i64, StoreError> {
    let count = photos::table
        .filter(photos::realm.eq(realm.as_str()))
        .count();
    Ok(on_dialect!(tx, |connection| count.get_result(connection))?)
}
