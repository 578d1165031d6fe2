//! Drawing: the photos of this provider are small pictures that we draw, so that nothing is fetched or uploaded.
//!
//! A photo is stored as its theme and a hue; the same two give the same picture. May use nothing but the
//! standard library. A scene is a function from a [`Canvas`] and a [`Chance`].

mod canvas;
mod chance;
mod evening;
mod indoors;
mod land;
mod portrait;
mod sea;
mod sky;

use std::fmt;
use std::str::FromStr;

use canvas::{Canvas, veil};
use chance::Chance;

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Mountains behind mountains, snow on the far ones.
    Mountain,
    /// A sail on the sea.
    Sea,
    /// Roofs and lit windows in the evening.
    City,
    /// A vase of flowers.
    Flower,
    /// A cat on a cushion.
    Cat,
    /// The moon over dark hills.
    Night,
    /// Fir trees in the mist.
    Forest,
    /// Balloons in the morning.
    Balloon,
}

impl Theme {
    /// All themes, in the order in which they are offered.
    pub(crate) const ALL: [Self; 8] = [
        Self::Mountain,
        Self::Sea,
        Self::City,
        Self::Flower,
        Self::Cat,
        Self::Night,
        Self::Forest,
        Self::Balloon,
    ];

    /// The name in JSON and in the store.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Mountain => "mountain",
            Self::Sea => "sea",
            Self::City => "city",
            Self::Flower => "flower",
            Self::Cat => "cat",
            Self::Night => "night",
            Self::Forest => "forest",
            Self::Balloon => "balloon",
        }
    }

    /// The names of all themes, for messages: `mountain, sea, …`.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

/// Text that names no theme.
#[derive(Debug, thiserror::Error)]
#[error("theme is one of {}", Theme::names())]
pub(crate) struct UnknownTheme;

impl FromStr for Theme {
    type Err = UnknownTheme;

    fn from_str(name: &str) -> Result<Self, UnknownTheme> {
        Self::ALL
            .into_iter()
            .find(|theme| theme.name() == name)
            .ok_or(UnknownTheme)
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The picture of `theme` in this `hue` as an SVG document, with `caption` as its title.
pub(crate) fn draw(theme: Theme, hue: i32, caption: &str) -> String {
    let mut canvas = Canvas::new(format!("{theme}-{}", hue.unsigned_abs()));
    let mut chance = Chance::new(u64::from(hue.unsigned_abs()));
    let scene: fn(&mut Canvas, &mut Chance) = match theme {
        Theme::Mountain => land::mountain,
        Theme::Sea => sea::sea,
        Theme::City => evening::city,
        Theme::Night => evening::night,
        Theme::Forest => land::forest,
        Theme::Balloon => land::balloon,
        Theme::Flower => indoors::flower,
        Theme::Cat => indoors::cat,
    };
    scene(&mut canvas, &mut chance);
    let tint = format!("hsl({},70%,55%)", hue.rem_euclid(360));
    canvas.background(veil(&tint, 10));
    canvas.finish(caption)
}

/// The portrait of a person: their initial on a calm ground that their name chooses.
pub(crate) fn portrait(name: &str) -> String {
    let start = name.bytes().fold(17_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let number = start % 100_000;
    let mut canvas = Canvas::new(format!("portrait-{number}"));
    portrait::head_and_shoulders(&mut canvas, &mut Chance::new(start));
    canvas.finish(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the elements, if they nest properly and every attribute is quoted.
    fn elements(svg: &str) -> Option<Vec<String>> {
        let (mut open, mut seen) = (Vec::new(), Vec::new());
        for part in svg.split('<').skip(1) {
            let (tag, _text) = part.split_once('>')?;
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop()? != name {
                    return None;
                }
                continue;
            }
            let inside = tag.strip_suffix('/').unwrap_or(tag);
            let name = inside.split(' ').next()?.to_owned();
            if inside.matches('"').count() != 2 * inside.matches("=\"").count() {
                return None;
            }
            if !tag.ends_with('/') {
                open.push(name.clone());
            }
            seen.push(name);
        }
        open.is_empty().then_some(seen)
    }

    #[test]
    fn every_picture_is_well_formed_small_and_self_contained() {
        for theme in Theme::ALL {
            for hue in 0..60 {
                let svg = draw(theme, hue, "Tom & <Jerry>");
                let names = elements(&svg).unwrap_or_else(|| panic!("{theme} {hue}: {svg}"));
                assert!(
                    names.len() > 12,
                    "{theme} {hue} has {} elements",
                    names.len()
                );
                assert!(svg.len() < 24 * 1024, "{theme} {hue}: {} bytes", svg.len());
                for active in ["script", "foreignObject", "image", "use", "a", "style"] {
                    assert!(!names.iter().any(|name| name == active), "{theme}");
                }
                assert_eq!(svg.matches("http").count(), 1, "only the namespace");
            }
        }
    }

    #[test]
    fn the_same_hue_is_the_same_picture() {
        for theme in Theme::ALL {
            assert_eq!(draw(theme, 3, "x"), draw(theme, 3, "x"));
            assert_ne!(draw(theme, 3, "x"), draw(theme, 4, "x"));
            assert_eq!(theme.name().parse::<Theme>().unwrap(), theme);
        }
    }

    /// With `PICTURES=some/folder` the pictures are written there, to be looked at.
    #[test]
    fn pictures_can_be_looked_at() {
        let Some(folder) = std::env::var_os("PICTURES") else {
            return;
        };
        for theme in Theme::ALL {
            for hue in 0..6 {
                let path = std::path::Path::new(&folder).join(format!("{theme}-{hue}.svg"));
                std::fs::write(path, draw(theme, hue, theme.name())).unwrap();
            }
        }
        for name in ["Alice", "Bob"] {
            let path = std::path::Path::new(&folder).join(format!("{name}.svg"));
            std::fs::write(path, portrait(name)).unwrap();
        }
    }
}
