//! Photos: a caption, and what to draw. The pictures are small drawings, so the file stays text.

use serde::{Deserialize, Serialize};

/// A photo that somebody keeps at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoSeed {
    /// Whose it is: a `username` of the same realm.
    pub owner: String,
    /// What is written under it.
    pub caption: String,
    /// What it shows.
    pub theme: Theme,
    /// Its colour: degrees on the colour wheel, 0 to 359.
    #[serde(default)]
    pub hue: u16,
}

impl PhotoSeed {
    /// A photo of somebody's.
    #[must_use]
    pub fn new(owner: &str, caption: &str, theme: Theme, hue: u16) -> Self {
        Self {
            owner: owner.to_owned(),
            caption: caption.to_owned(),
            theme,
            hue,
        }
    }
}

/// What a photo shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Peaks and snow.
    Mountain,
    /// Waves and a sail.
    Sea,
    /// Houses with lit windows.
    City,
    /// A flower.
    Flower,
    /// A cat.
    Cat,
    /// Moon and stars.
    Night,
}

impl Theme {
    /// Every theme, in the order of the enum.
    pub const ALL: [Self; 6] = [
        Self::Mountain,
        Self::Sea,
        Self::City,
        Self::Flower,
        Self::Cat,
        Self::Night,
    ];

    /// Its name in files and URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mountain => "mountain",
            Self::Sea => "sea",
            Self::City => "city",
            Self::Flower => "flower",
            Self::Cat => "cat",
            Self::Night => "night",
        }
    }
}
