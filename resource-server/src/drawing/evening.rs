//! Scenes after sunset: city, night.

use super::canvas::{Canvas, WIDTH, veil};
use super::chance::Chance;
use super::sky::{fir, hills, sun};

/// Roofs and lit windows in the evening.
pub(super) fn city(canvas: &mut Canvas, chance: &mut Chance) {
    let sky = canvas.gradient(
        "sky",
        &[
            (0, "#2b2f5c"),
            (50, "#8a5a8c"),
            (80, "#f0a07c"),
            (100, "#fcd49c"),
        ],
    );
    canvas.background(&sky);
    sun(
        canvas,
        (chance.between(80, 320), chance.between(150, 185)),
        26,
        "#ffdf9e",
    );
    for (colour, low, high, lit) in [
        ("#7d5d8e", 96, 168, 0),
        ("#4f4275", 70, 138, 30),
        ("#2a2850", 34, 92, 46),
    ] {
        let mut x = chance.between(-20, 0);
        while x < WIDTH {
            let (width, height) = (chance.between(34, 58), chance.between(low, high));
            tower(canvas, chance, x, (width, height), (colour, lit));
            x += width + chance.between(0, 6);
        }
    }
    canvas.rect((0, 286), (WIDTH, 14), "#1b1a38");
    let mut x = chance.between(10, 40);
    while x < WIDTH {
        canvas.line(&format!("M{x} 290v-18q0 -5 6 -5"), 2, "#14132b");
        canvas.circle((x + 7, 268), 8, veil("#ffe9a8", 35));
        canvas.circle((x + 7, 268), 3, "#ffe9a8");
        x += 64;
    }
}

/// A house from the ground up; `lit` of a hundred windows are lit, none are drawn at 0.
fn tower(
    canvas: &mut Canvas,
    chance: &mut Chance,
    x: i32,
    (width, height): (i32, i32),
    (colour, lit): (&str, i32),
) {
    let top = 290 - height;
    canvas.rect((x, top), (width, height), colour);
    match chance.between(0, 3) {
        0 => canvas.path(
            &format!("M{x} {top}l{} -18l{} 18z", width / 2, width - width / 2),
            colour,
        ),
        1 => canvas.line(&format!("M{} {top}v-20", x + width / 2), 2, colour),
        2 => canvas.rect((x + width / 4, top - 9), (width / 2, 10), colour),
        _ => {}
    }
    if lit == 0 {
        return;
    }
    let mut y = top + 10;
    while y < 280 {
        let mut window = x + 6;
        while window + 7 < x + width {
            if chance.happens(lit) {
                canvas.rect(
                    (window, y),
                    (6, 8),
                    chance.one_of(&["#ffe6a3", "#ffd27a", "#fff2c9"], "#ffe6a3"),
                );
            }
            window += 11;
        }
        y += 15;
    }
}

/// The moon over dark hills.
pub(super) fn night(canvas: &mut Canvas, chance: &mut Chance) {
    let sky = canvas.gradient("sky", &[(0, "#0b1030"), (60, "#1e2c5e"), (100, "#44598f")]);
    canvas.background(&sky);
    for _ in 0..70 {
        let (x, y) = (chance.between(4, 396), chance.between(4, 190));
        let (radius, percent) = chance.one_of(&[(1, 55), (1, 85), (2, 95)], (1, 70));
        canvas.circle((x, y), radius, veil("#fdf8e4", percent));
    }
    let (x, y) = (chance.between(70, 330), chance.between(58, 96));
    canvas.circle((x, y), 58, veil("#fdf3c8", 10));
    canvas.circle((x, y), 44, veil("#fdf3c8", 16));
    canvas.circle((x, y), 31, "#fbf1cd");
    for (right, down, radius) in [(-10, -8, 7), (9, 4, 5), (-4, 13, 4), (13, -13, 3)] {
        canvas.circle((x + right, y + down), radius, veil("#d9c996", 60));
    }
    let (from, down) = (chance.between(30, 200), chance.between(16, 60));
    canvas.line(&format!("M{from} {down}l46 20"), 2, veil("#ffffff", 65));
    canvas.ridge(&hills(chance, 200, 16, 90), "#26356b");
    canvas.ridge(&hills(chance, 232, 14, 76), "#182350");
    canvas.ridge(&hills(chance, 262, 8, 100), "#0d1536");
    let house = chance.between(60, 320);
    canvas.rect((house, 236), (34, 26), "#0a0f28");
    canvas.path(&format!("M{} 238l22 -18l22 18z", house - 5), "#0a0f28");
    canvas.rect((house + 12, 244), (10, 11), "#ffd98a");
    canvas.circle((house + 17, 249), 16, veil("#ffd98a", 18));
    for step in 0..4 {
        let (x, height) = (house + 60 + step * 22, chance.between(22, 40));
        fir(canvas, (x, 272), height, "#0a1230");
    }
}
