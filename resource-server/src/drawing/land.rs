//! Scenes of the land: mountain, forest, balloon.

use super::canvas::{Canvas, WIDTH, veil};
use super::chance::Chance;
use super::sky::{LIGHTS, cloud, fir, hills, sun};

/// One peak with snow on it.
fn peak(canvas: &mut Canvas, (x, y): (i32, i32), half: i32, rock: &str) {
    let foot = y + half * 11 / 10;
    canvas.path(
        &format!("M{} {foot}L{x} {y}L{} {foot}Z", x - half, x + half),
        rock,
    );
    canvas.path(
        &format!("M{x} {y}L{} {foot}L{} {foot}Z", x + half, x + half / 5),
        veil("#16243a", 22),
    );
    let (d, snow) = (half / 4, y + half / 4);
    canvas.path(
        &format!(
            "M{x} {y}L{} {snow}l{} {}l{} {}l{} {}L{} {snow}Z",
            x - d - d / 9,
            d * 2 / 3,
            -d / 4,
            d / 2,
            d / 2,
            d / 2,
            -d / 2,
            x + d + d / 9,
        ),
        veil("#ffffff", 92),
    );
}

/// Mountains behind mountains.
pub(super) fn mountain(canvas: &mut Canvas, chance: &mut Chance) {
    let (sky, land, glow) = chance.one_of(&LIGHTS, LIGHTS[0]);
    let sky = canvas.gradient("sky", &sky);
    canvas.background(&sky);
    sun(
        canvas,
        (chance.between(60, 340), chance.between(50, 90)),
        20,
        glow,
    );
    cloud(canvas, (chance.between(40, 360), 60), 34, 70);
    cloud(canvas, (chance.between(40, 360), 96), 24, 55);
    let main = chance.between(130, 270);
    peak(
        canvas,
        (main - chance.between(95, 120), chance.between(118, 140)),
        110,
        land[0],
    );
    peak(
        canvas,
        (main + chance.between(95, 125), chance.between(110, 138)),
        120,
        land[0],
    );
    peak(canvas, (main, chance.between(68, 88)), 150, land[1]);
    canvas.ridge(&hills(chance, 214, 12, 80), land[2]);
    canvas.ridge(&hills(chance, 246, 10, 66), land[3]);
    let mut x = chance.between(4, 20);
    while x < WIDTH {
        fir(
            canvas,
            (x, chance.between(254, 292)),
            chance.between(16, 34),
            "#1d3a3a",
        );
        x += chance.between(16, 44);
    }
}

/// Fir trees in the mist.
pub(super) fn forest(canvas: &mut Canvas, chance: &mut Chance) {
    let sky = canvas.gradient("sky", &[(0, "#b9d6d2"), (60, "#dcebe0"), (100, "#eef3e2")]);
    canvas.background(&sky);
    sun(
        canvas,
        (chance.between(80, 320), chance.between(60, 100)),
        24,
        "#fffbe8",
    );
    for (foot, low, high, colour) in [
        (200, 70, 110, "#a8c6bd"),
        (232, 90, 130, "#7aa598"),
        (266, 110, 160, "#4b7f70"),
    ] {
        let mut x = chance.between(-10, 14);
        while x < WIDTH + 20 {
            fir(
                canvas,
                (x, foot + chance.between(-6, 6)),
                chance.between(low, high),
                colour,
            );
            x += chance.between(24, 46);
        }
        canvas.ridge(&hills(chance, foot - 4, 5, 100), colour);
        canvas.ellipse(
            (chance.between(100, 300), foot),
            (240, 14),
            None,
            veil("#f4f8ef", 42),
        );
    }
    canvas.path("M0 300V272Q120 252 210 270T400 262V300Z", "#2f5d4c");
    canvas.path(
        "M168 300Q196 284 188 274T214 262L222 263Q210 272 216 280T244 300Z",
        "#d9c7a0",
    );
    for _ in 0..7 {
        let (x, y) = (chance.between(10, 390), chance.between(276, 296));
        if !(160..250).contains(&x) {
            mushroom(canvas, (x, y));
        }
    }
}

fn mushroom(canvas: &mut Canvas, (x, y): (i32, i32)) {
    canvas.rect((x - 2, y - 6), (4, 7), "#f5ecd8");
    canvas.path(&format!("M{} {}q7 -12 14 0z", x - 7, y - 5), "#d0493e");
    canvas.circle((x - 2, y - 8), 1, "#fff8ee");
    canvas.circle((x + 3, y - 7), 1, "#fff8ee");
}

/// Balloons in the morning.
pub(super) fn balloon(canvas: &mut Canvas, chance: &mut Chance) {
    let (sky, land, glow) = chance.one_of(&[LIGHTS[0], LIGHTS[1]], LIGHTS[0]);
    let sky = canvas.gradient("sky", &sky);
    canvas.background(&sky);
    sun(
        canvas,
        (chance.between(40, 360), chance.between(150, 180)),
        24,
        glow,
    );
    for _ in 0..3 {
        cloud(
            canvas,
            (chance.between(20, 380), chance.between(40, 170)),
            chance.between(24, 44),
            70,
        );
    }
    canvas.ridge(&hills(chance, 222, 12, 90), land[1]);
    canvas.ridge(&hills(chance, 250, 10, 74), land[2]);
    canvas.ridge(&hills(chance, 276, 6, 100), land[3]);
    let left = chance.between(90, 160);
    for (x, y, size) in [
        (left + chance.between(150, 200), chance.between(60, 90), 30),
        (left - chance.between(40, 60), chance.between(130, 160), 20),
        (left + 40, chance.between(90, 110), 52),
    ] {
        one_balloon(canvas, (x, y), size, chance);
    }
}

fn one_balloon(canvas: &mut Canvas, (x, y): (i32, i32), size: i32, chance: &mut Chance) {
    let colours = [
        ["#e4574f", "#f9e2b8"],
        ["#2f86a6", "#fdf6e9"],
        ["#f2a541", "#7a4b86"],
        ["#5b9a68", "#fbe7a1"],
    ];
    let [cloth, stripe] = chance.one_of(&colours, colours[0]);
    let (foot, basket) = (y + size * 5 / 4, y + size * 3 / 2);
    for side in [-1, 1] {
        canvas.line(
            &format!(
                "M{} {foot}L{} {basket}",
                x + side * size / 4,
                x + side * size / 8
            ),
            1,
            "#5a4634",
        );
    }
    let hull = |half: i32| {
        format!(
            "M{x} {}C{} {} {} {} {} {foot}H{}C{} {} {} {} {x} {}Z",
            y - size,
            x + half * 4 / 3,
            y - size,
            x + half * 4 / 3,
            y + size / 2,
            x + half / 4,
            x - half / 4,
            x - half * 4 / 3,
            y + size / 2,
            x - half * 4 / 3,
            y - size,
            y - size,
        )
    };
    canvas.path(&hull(size), cloth);
    canvas.path(&hull(size * 3 / 5), stripe);
    canvas.path(&hull(size / 4), cloth);
    canvas.ellipse(
        (x - size / 2, y - size / 4),
        (size / 8, size / 3),
        Some((18, (x - size / 2, y - size / 4))),
        veil("#ffffff", 35),
    );
    canvas.rect((x - size / 7, basket), (size * 2 / 7, size / 5), "#8a5f3b");
}
