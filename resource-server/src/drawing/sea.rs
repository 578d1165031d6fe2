//! A scene at the sea.

use super::canvas::{Canvas, HEIGHT, WIDTH, veil};
use super::chance::Chance;
use super::sky::{LIGHTS, cloud, sun};

/// A sail on the sea.
pub(super) fn sea(canvas: &mut Canvas, chance: &mut Chance) {
    let (sky, _, glow) = chance.one_of(&LIGHTS, LIGHTS[1]);
    let sky = canvas.gradient("sky", &sky);
    canvas.background(&sky);
    let sun_x = chance.between(70, 330);
    sun(canvas, (sun_x, chance.between(96, 128)), 22, glow);
    cloud(canvas, (chance.between(30, 370), 44), 40, 75);
    cloud(canvas, (chance.between(30, 370), 78), 26, 60);
    let water = canvas.gradient(
        "water",
        &[(0, "#5fb3c4"), (40, "#2f86a6"), (100, "#124a70")],
    );
    canvas.rect((0, 160), (WIDTH, HEIGHT - 160), &water);
    for row in 0..9 {
        let (y, half) = (166 + row * 9, 40 - row * 3 + chance.between(-8, 8));
        canvas.line(
            &format!("M{} {y}H{}", sun_x - half, sun_x + half),
            2,
            veil(glow, 45),
        );
    }
    for row in 0..6 {
        let (y, mut x) = (184 + row * 20, chance.between(-20, 10));
        while x < WIDTH {
            let w = 12 + row * 4;
            canvas.line(
                &format!("M{x} {y}q{} {} {w} 0t{w} 0", w / 2, -3 - row / 2),
                2,
                veil("#e8fbff", 38),
            );
            x += w * 2 + chance.between(24, 70);
        }
    }
    let x = if sun_x < 200 {
        chance.between(240, 320)
    } else {
        chance.between(80, 160)
    };
    sailing_boat(canvas, (x, chance.between(206, 226)), chance);
    for _ in 0..chance.between(2, 4) {
        let (x, y) = (chance.between(40, 340), chance.between(30, 120));
        canvas.line(
            &format!("M{x} {y}q5 -6 10 0q5 -6 10 0"),
            2,
            veil("#26405a", 75),
        );
    }
}

fn sailing_boat(canvas: &mut Canvas, (x, y): (i32, i32), chance: &mut Chance) {
    let sail = chance.one_of(&["#fdf6e9", "#f6b26b", "#e4716b", "#f7d774"], "#fdf6e9");
    canvas.ellipse((x, y + 16), (50, 5), None, veil("#0b3050", 35));
    canvas.line(&format!("M{x} {}V{}", y - 78, y), 3, "#5a3b2a");
    canvas.path(
        &format!(
            "M{} {}Q{} {} {} {}H{}Z",
            x + 3,
            y - 76,
            x + 42,
            y - 40,
            x + 46,
            y - 8,
            x + 3
        ),
        sail,
    );
    canvas.path(
        &format!(
            "M{} {}Q{} {} {} {}H{}Z",
            x - 3,
            y - 66,
            x - 22,
            y - 34,
            x - 32,
            y - 8,
            x - 3
        ),
        veil("#ffffff", 90),
    );
    canvas.path(
        &format!(
            "M{} {}H{}Q{} {} {} {}H{}Q{} {} {} {}Z",
            x - 46,
            y,
            x + 52,
            x + 44,
            y + 18,
            x + 30,
            y + 18,
            x - 28,
            x - 42,
            y + 16,
            x - 46,
            y
        ),
        "#8c3f35",
    );
    canvas.path(&format!("M{x} {}l16 5l-16 5z", y - 84), "#e4574f");
}
