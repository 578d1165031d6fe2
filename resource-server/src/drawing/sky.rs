//! What scenes under the sky share: light, clouds, the sun, hills and firs.

use super::canvas::{Canvas, WIDTH, veil};
use super::chance::Chance;

/// Colours of a sky and of the four layers of land below it, the farthest first.
pub(super) type Light = ([(u8, &'static str); 3], [&'static str; 4], &'static str);

/// Three hours of the day: dawn, noon, dusk; the last colour is the sun's.
pub(super) const LIGHTS: [Light; 3] = [
    (
        [(0, "#8fb7d8"), (55, "#f3d9c9"), (100, "#fbeedd")],
        ["#a9b6cf", "#7f93b5", "#566f94", "#2f4a63"],
        "#fff3dc",
    ),
    (
        [(0, "#5fa8dc"), (60, "#a9d4ee"), (100, "#e8f5fa")],
        ["#9fbfce", "#6fa08f", "#4a8068", "#2f5d49"],
        "#fffbe6",
    ),
    (
        [(0, "#4a4a86"), (55, "#d97f79"), (100, "#f8c98f")],
        ["#a8708a", "#7a5480", "#543c69", "#33284c"],
        "#ffe3a6",
    ),
];

/// A ridge of hills round the height `y`, with bumps of up to `rough`.
pub(super) fn hills(chance: &mut Chance, y: i32, rough: i32, step: i32) -> Vec<(i32, i32)> {
    let mut points = Vec::new();
    let mut x = 0;
    while x < WIDTH + step {
        points.push((x, y + chance.between(-rough, rough)));
        x += step;
    }
    points
}

/// A cloud of three overlapping ovals.
pub(super) fn cloud(canvas: &mut Canvas, (x, y): (i32, i32), size: i32, percent: u8) {
    for (right, down, across) in [(-2, 2, 3), (0, 0, 3), (3, 2, 4)] {
        let centre = (x + right * size / 3, y + down * size / 6);
        canvas.ellipse(
            centre,
            (size * across / 4, size / 3),
            None,
            veil("#ffffff", percent),
        );
    }
}

/// The sun in its glow.
pub(super) fn sun(canvas: &mut Canvas, centre: (i32, i32), radius: i32, colour: &str) {
    canvas.circle(centre, radius * 2, veil(colour, 25));
    canvas.circle(centre, radius * 3 / 2, veil(colour, 35));
    canvas.circle(centre, radius, colour);
}

/// A fir tree on its foot.
pub(super) fn fir(canvas: &mut Canvas, (x, foot): (i32, i32), height: i32, colour: &str) {
    canvas.rect(
        (x - height / 24, foot - height / 8),
        ((height / 12).max(1), height / 8 + 2),
        "#3a2a22",
    );
    for (from, to, half) in [(0, 45, 18), (22, 70, 25), (45, 92, 32)] {
        let (top, low, half) = (
            foot - height + height * from / 100,
            foot - height + height * to / 100,
            height * half / 100,
        );
        canvas.path(
            &format!("M{x} {top}L{} {low}H{}Z", x + half, x - half),
            colour,
        );
    }
}
