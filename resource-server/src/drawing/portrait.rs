//! Portraits of people.

use super::canvas::{Canvas, veil};
use super::chance::Chance;

/// Head and shoulders on a calm ground.
pub(super) fn head_and_shoulders(canvas: &mut Canvas, chance: &mut Chance) {
    let (light, deep) = chance.one_of(
        &[
            ("#f3d3bd", "#d98f6c"),
            ("#cfe3dc", "#5f9a88"),
            ("#d9d3ec", "#7b6bb0"),
            ("#cfe0f0", "#4f81b0"),
        ],
        ("#cfe3dc", "#5f9a88"),
    );
    let ground = canvas.gradient("ground", &[(0, light), (100, deep)]);
    canvas.background(&ground);
    let skin = chance.one_of(&["#f4cfae", "#d9a47a", "#a8714a", "#7a4c33"], "#f4cfae");
    let hair = chance.one_of(&["#3a2a22", "#7a4a28", "#c98f4a", "#2b2b33"], "#3a2a22");
    let shirt = chance.one_of(&["#3f6f8f", "#a8445a", "#f7f2e8", "#5b7a4a"], "#3f6f8f");
    let long = chance.happens(50);
    if long {
        canvas.path("M128 150Q128 66 200 66T272 150V232H128Z", hair);
    }
    canvas.path("M84 300Q88 226 160 216H240Q312 226 316 300Z", shirt);
    canvas.rect((178, 176), (44, 46), skin);
    canvas.ellipse((200, 222), (22, 12), None, skin);
    canvas.ellipse((200, 142), (54, 62), None, skin);
    canvas.path(
        "M142 138Q138 70 202 70T258 138Q240 112 212 104Q180 122 142 138Z",
        hair,
    );
    for eye in [178, 222] {
        canvas.circle((eye, 146), 5, "#2b2320");
        canvas.circle((eye + 2, 144), 2, veil("#ffffff", 90));
        canvas.ellipse((eye, 166), (10, 6), None, veil("#e07a6a", 30));
    }
    canvas.line("M184 174q16 14 32 0", 3, "#8a3f38");
    canvas.line("M200 150q5 9 -2 11", 2, veil("#5a3423", 55));
}
