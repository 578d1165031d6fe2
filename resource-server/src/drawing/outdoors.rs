//! Scenes under the sky: mountain, sea, city, night, forest, balloon.

use super::canvas::{Canvas, HEIGHT, WIDTH, veil};
use super::chance::Chance;

/// Colours of a sky and of the four layers of land below it, the farthest first.
type Light = ([(u8, &'static str); 3], [&'static str; 4], &'static str);

/// Three hours of the day: dawn, noon, dusk; the last colour is the sun's.
const LIGHTS: [Light; 3] = [
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
fn hills(chance: &mut Chance, y: i32, rough: i32, step: i32) -> Vec<(i32, i32)> {
    let mut points = Vec::new();
    let mut x = 0;
    while x < WIDTH + step {
        points.push((x, y + chance.between(-rough, rough)));
        x += step;
    }
    points
}

/// A cloud of three overlapping ovals.
fn cloud(canvas: &mut Canvas, (x, y): (i32, i32), size: i32, percent: u8) {
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

fn sun(canvas: &mut Canvas, centre: (i32, i32), radius: i32, colour: &str) {
    canvas.circle(centre, radius * 2, veil(colour, 25));
    canvas.circle(centre, radius * 3 / 2, veil(colour, 35));
    canvas.circle(centre, radius, colour);
}

/// One peak with snow on it.
fn peak(canvas: &mut Canvas, (x, y): (i32, i32), half: i32, rock: &str) {
    let foot = y + half * 9 / 10;
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

/// A fir tree on its foot.
fn fir(canvas: &mut Canvas, (x, foot): (i32, i32), height: i32, colour: &str) {
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
        ("#7d5d8e", 110, 190, 0),
        ("#4f4275", 90, 160, 30),
        ("#2a2850", 50, 120, 46),
    ] {
        let mut x = chance.between(-20, 0);
        while x < WIDTH {
            let (width, height) = (chance.between(34, 58), chance.between(low, high));
            tower(
                canvas,
                chance,
                x,
                (width, height + (if lit == 46 { 0 } else { 40 })),
                (colour, lit),
            );
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
