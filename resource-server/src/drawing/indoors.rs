//! Scenes under a roof: flower, cat.

use super::canvas::{Canvas, HEIGHT, WIDTH, veil};
use super::chance::Chance;

/// Wall and table of a quiet room.
const ROOMS: [(&str, &str, &str); 4] = [
    ("#f4e7d7", "#e5cfb4", "#b98a5e"),
    ("#dfeae6", "#c4d8d0", "#8c7358"),
    ("#e9e3f0", "#d3c8e0", "#9a7767"),
    ("#e2ecf5", "#c8daea", "#a98563"),
];

/// A wall with a window's light on it, and a table.
fn room(canvas: &mut Canvas, chance: &mut Chance) {
    let (wall, shade, table) = chance.one_of(&ROOMS, ROOMS[0]);
    let wall = canvas.gradient("wall", &[(0, wall), (100, shade)]);
    canvas.background(&wall);
    let x = chance.between(20, 60);
    for (right, down) in [(0, 0), (66, 0), (0, 66), (66, 66)] {
        let (x, y) = (x + right, 24 + down);
        canvas.path(&format!("M{x} {y}l58 8v58l-58 -8z"), veil("#ffffff", 42));
    }
    canvas.rect((0, 232), (WIDTH, HEIGHT - 232), table);
    canvas.rect((0, 232), (WIDTH, 5), veil("#ffffff", 28));
    for y in [252, 270, 288] {
        canvas.line(
            &format!("M0 {y}Q100 {} 200 {y}T400 {y}", y - 4),
            1,
            veil("#3a2414", 18),
        );
    }
}

/// A vase of flowers.
pub(super) fn flower(canvas: &mut Canvas, chance: &mut Chance) {
    room(canvas, chance);
    let middle = 200 + chance.between(-20, 30);
    canvas.ellipse((middle, 262), (62, 9), None, veil("#2a190d", 28));
    let stems: Vec<(i32, i32)> = [(-74, 118), (-40, 78), (2, 56), (44, 84), (76, 124)]
        .into_iter()
        .map(|(right, y)| {
            (
                middle + right + chance.between(-8, 8),
                y + chance.between(-10, 10),
            )
        })
        .collect();
    for &(x, y) in &stems {
        canvas.line(
            &format!(
                "M{middle} 214Q{} {} {x} {y}",
                i32::midpoint(middle, x),
                i32::midpoint(214, y) + 18
            ),
            4,
            "#4f7d4a",
        );
        let (leaf_x, leaf_y) = (i32::midpoint(middle, x), i32::midpoint(208, y));
        let turn = if x < middle { -42 } else { 42 };
        canvas.ellipse(
            (leaf_x, leaf_y),
            (7, 19),
            Some((turn, (leaf_x, leaf_y))),
            "#6b9a5b",
        );
    }
    for (x, y) in stems {
        match chance.between(0, 2) {
            0 => tulip(canvas, (x, y), chance),
            _ => daisy(canvas, (x, y), chance),
        }
    }
    vase(canvas, middle, chance);
}

fn vase(canvas: &mut Canvas, middle: i32, chance: &mut Chance) {
    let glaze = chance.one_of(&["#3f6f8f", "#c66b4e", "#7a8f5a", "#8a6a9a"], "#3f6f8f");
    canvas.path(
        &format!(
            "M{} 196Q{} 214 {} 232Q{} 262 {} 264H{}Q{} 262 {} 232Q{} 214 {} 196Z",
            middle - 26,
            middle - 22,
            middle - 40,
            middle - 44,
            middle - 24,
            middle + 24,
            middle + 44,
            middle + 40,
            middle + 22,
            middle + 26,
        ),
        glaze,
    );
    canvas.ellipse((middle, 196), (26, 5), None, veil("#1d1a18", 45));
    canvas.path(
        &format!(
            "M{} 228Q{} 244 {} 254",
            middle - 32,
            middle - 34,
            middle - 24
        ),
        veil("#ffffff", 30),
    );
    canvas.line(
        &format!("M{} 232H{}", middle - 38, middle + 38),
        3,
        veil("#ffffff", 45),
    );
}

fn daisy(canvas: &mut Canvas, (x, y): (i32, i32), chance: &mut Chance) {
    let petal = chance.one_of(
        &["#fffdf6", "#f7c8d4", "#f4d35e", "#c9b6ea", "#f08a72"],
        "#fffdf6",
    );
    let (size, first) = (chance.between(15, 20), chance.between(0, 35));
    for step in 0..10 {
        canvas.ellipse(
            (x, y - size),
            (size * 2 / 5, size * 4 / 5),
            Some((first + step * 36, (x, y))),
            petal,
        );
    }
    canvas.circle((x, y), size / 2, "#e2a32e");
    canvas.circle((x - 2, y - 2), size / 4, veil("#fff1b8", 60));
}

fn tulip(canvas: &mut Canvas, (x, y): (i32, i32), chance: &mut Chance) {
    let petal = chance.one_of(&["#d8455a", "#f2a541", "#a862a8", "#ee7f9b"], "#d8455a");
    canvas.path(
        &format!(
            "M{} {}Q{} {} {x} {}Q{} {} {} {}Q{} {} {x} {}Q{} {} {} {}Z",
            x - 18,
            y - 24,
            x - 8,
            y - 22,
            y - 14,
            x + 8,
            y - 22,
            x + 18,
            y - 24,
            x + 24,
            y + 14,
            y + 14,
            x - 24,
            y + 14,
            x - 18,
            y - 24
        ),
        petal,
    );
    canvas.ellipse((x, y - 8), (9, 21), None, petal);
    canvas.ellipse((x - 3, y - 8), (4, 16), None, veil("#ffffff", 22));
}

/// A cat on a cushion.
pub(super) fn cat(canvas: &mut Canvas, chance: &mut Chance) {
    room(canvas, chance);
    let (coat, dark, chest) = chance.one_of(
        &[
            ("#e0975a", "#b86f35", "#fbeede"),
            ("#6f7480", "#4a4f5b", "#e9ecf0"),
            ("#3b3a41", "#232228", "#f5f2ee"),
            ("#f0e2cd", "#c9ab84", "#fffaf1"),
        ],
        ("#e0975a", "#b86f35", "#fbeede"),
    );
    let x = 200 + chance.between(-40, 40);
    let cushion = chance.one_of(&["#a8445a", "#3f6f8f", "#6a7f4a", "#7a5a94"], "#a8445a");
    canvas.ellipse((x, 272), (124, 14), None, veil("#2a190d", 26));
    canvas.ellipse((x, 254), (118, 24), None, cushion);
    canvas.ellipse((x, 247), (104, 14), None, veil("#ffffff", 18));
    let side = if chance.happens(50) { 1 } else { -1 };
    canvas.line(
        &format!(
            "M{} 236q{} 6 {} -26t{} -34",
            x + side * 50,
            side * 54,
            side * 50,
            side * -6
        ),
        17,
        coat,
    );
    canvas.path(
        &format!(
            "M{} 244Q{} 150 {x} 146Q{} 150 {} 244Q{x} 262 {} 244Z",
            x - 66,
            x - 58,
            x + 58,
            x + 66,
            x - 66
        ),
        coat,
    );
    canvas.ellipse((x, 216), (30, 36), None, chest);
    for foot in [-1, 1] {
        canvas.ellipse((x + foot * 24, 248), (21, 11), None, chest);
        canvas.line(
            &format!("M{} 251v-6M{} 251v-6", x + foot * 24 - 5, x + foot * 24 + 5),
            1,
            veil(dark, 70),
        );
    }
    if chance.happens(70) {
        stripes(canvas, x, dark);
    }
    head(canvas, chance, x, (coat, dark, chest));
}

/// Stripes on both flanks.
fn stripes(canvas: &mut Canvas, x: i32, dark: &str) {
    for row in 0..3 {
        let y = 178 + row * 18;
        for hip in [-1, 1] {
            canvas.line(
                &format!(
                    "M{} {y}q{} 3 {} 10",
                    x + hip * (50 + row * 4),
                    hip * -10,
                    hip * -16
                ),
                4,
                veil(dark, 75),
            );
        }
    }
}

fn head(canvas: &mut Canvas, chance: &mut Chance, x: i32, (coat, dark, chest): (&str, &str, &str)) {
    for ear in [-1, 1] {
        canvas.path(
            &format!(
                "M{} 108L{} 56L{} 84Z",
                x + ear * 54,
                x + ear * 48,
                x + ear * 12
            ),
            coat,
        );
        canvas.path(
            &format!(
                "M{} 98L{} 68L{} 86Z",
                x + ear * 47,
                x + ear * 44,
                x + ear * 22
            ),
            "#e9a6a0",
        );
    }
    canvas.ellipse((x, 120), (57, 47), None, coat);
    for stripe in [-12, 0, 12] {
        canvas.line(
            &format!("M{} 78v{}", x + stripe, 16 - stripe.abs() / 3),
            4,
            veil(dark, 80),
        );
    }
    canvas.ellipse((x, 139), (27, 19), None, chest);
    let eye = chance.one_of(&["#8fbf4f", "#e0b23a", "#6fb2cf"], "#8fbf4f");
    let asleep = chance.happens(35);
    for side in [-1, 1] {
        let at = x + side * 24;
        if asleep {
            canvas.line(&format!("M{} 114q10 9 20 0", at - 10), 3, "#2b2320");
        } else {
            canvas.ellipse((at, 114), (11, 12), None, eye);
            canvas.ellipse((at, 114), (4, 10), None, "#1d1716");
            canvas.circle((at + 3, 110), 3, veil("#ffffff", 90));
        }
        for whisker in [-5, 0, 5] {
            canvas.line(
                &format!(
                    "M{} {}l{} {}",
                    x + side * 20,
                    138 + whisker / 2,
                    side * 46,
                    whisker
                ),
                1,
                veil("#fdfaf5", 85),
            );
        }
    }
    canvas.path(&format!("M{} 128h12l-6 8z", x - 6), "#d9727a");
    canvas.line(
        &format!("M{x} 136v5q-7 9 -13 2M{x} 141q7 9 13 2"),
        2,
        "#5a3f38",
    );
}
