//! The canvas: writes SVG elements whose attributes are numbers and colours of ours, and nothing else.
//!
//! No text of a person ever enters except through [`escape`], and there are no links, scripts, styles or
//! references to anything outside.

use std::fmt::Write;

/// Width of every picture, in the units of its view box.
pub(super) const WIDTH: i32 = 400;
/// Height of every picture, in the units of its view box.
pub(super) const HEIGHT: i32 = 300;

/// A colour, and how much of it covers what is below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint<'a> {
    fill: &'a str,
    percent: u8,
}

impl<'a> From<&'a str> for Paint<'a> {
    fn from(fill: &'a str) -> Self {
        Self { fill, percent: 100 }
    }
}

impl<'a> From<&'a String> for Paint<'a> {
    fn from(fill: &'a String) -> Self {
        Self::from(fill.as_str())
    }
}

/// `fill` as a veil that covers `percent` of a hundred.
pub(super) const fn veil(fill: &str, percent: u8) -> Paint<'_> {
    Paint { fill, percent }
}

/// A picture that is being drawn.
#[derive(Debug)]
pub(super) struct Canvas {
    name: String,
    definitions: String,
    body: String,
}

impl Canvas {
    /// An empty picture. `name` keeps the ids of its gradients apart from those of other pictures in one page.
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            definitions: String::new(),
            body: String::new(),
        }
    }

    /// Defines a gradient from top to bottom, and gives back what to fill with.
    pub(super) fn gradient(&mut self, id: &str, stops: &[(u8, &str)]) -> String {
        let id = format!("{}-{id}", self.name);
        let mut text = format!("<linearGradient id=\"{id}\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\">");
        for (percent, colour) in stops {
            put(
                &mut text,
                format_args!("<stop offset=\"{percent}%\" stop-color=\"{colour}\"/>"),
            );
        }
        text.push_str("</linearGradient>");
        self.definitions.push_str(&text);
        format!("url(#{id})")
    }

    /// Fills the whole picture.
    pub(super) fn background<'a>(&mut self, paint: impl Into<Paint<'a>>) {
        self.rect((0, 0), (WIDTH, HEIGHT), paint);
    }

    /// A rectangle from its upper left corner.
    pub(super) fn rect<'a>(
        &mut self,
        (x, y): (i32, i32),
        (width, height): (i32, i32),
        paint: impl Into<Paint<'a>>,
    ) {
        let shape = format!("rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        self.shape(&shape, paint.into());
    }

    /// A circle round its centre.
    pub(super) fn circle<'a>(
        &mut self,
        (x, y): (i32, i32),
        radius: i32,
        paint: impl Into<Paint<'a>>,
    ) {
        let shape = format!("circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
        self.shape(&shape, paint.into());
    }

    /// An ellipse round its centre, turned by `degrees` round `pivot`.
    pub(super) fn ellipse<'a>(
        &mut self,
        (x, y): (i32, i32),
        (across, up): (i32, i32),
        turn: Option<(i32, (i32, i32))>,
        paint: impl Into<Paint<'a>>,
    ) {
        let mut shape = format!("ellipse cx=\"{x}\" cy=\"{y}\" rx=\"{across}\" ry=\"{up}\"");
        if let Some((degrees, (px, py))) = turn {
            put(
                &mut shape,
                format_args!(" transform=\"rotate({degrees} {px} {py})\""),
            );
        }
        self.shape(&shape, paint.into());
    }

    /// A filled path.
    pub(super) fn path<'a>(&mut self, path: &str, paint: impl Into<Paint<'a>>) {
        self.shape(&format!("path d=\"{path}\""), paint.into());
    }

    /// A line along a path, with round ends.
    pub(super) fn line<'a>(&mut self, path: &str, width: i32, paint: impl Into<Paint<'a>>) {
        let Paint { fill, percent } = paint.into();
        put(
            &mut self.body,
            format_args!(
                "<path d=\"{path}\" fill=\"none\" stroke=\"{fill}\" stroke-width=\"{width}\" \
                 stroke-linecap=\"round\" stroke-linejoin=\"round\""
            ),
        );
        self.end("stroke-opacity", percent);
    }

    /// A smooth ridge from the left edge to the right one through `points`, filled down to the lower edge.
    pub(super) fn ridge<'a>(&mut self, points: &[(i32, i32)], paint: impl Into<Paint<'a>>) {
        let Some(&(_, left)) = points.first() else {
            return;
        };
        let mut path = format!("M0 {HEIGHT}V{left}");
        for pair in points.windows(2) {
            if let [(x1, y1), (x2, y2)] = pair {
                let middle = i32::midpoint(*x1, *x2);
                put(
                    &mut path,
                    format_args!("C{middle} {y1} {middle} {y2} {x2} {y2}"),
                );
            }
        }
        put(&mut path, format_args!("V{HEIGHT}Z"));
        self.path(&path, paint);
    }

    fn shape(&mut self, shape: &str, paint: Paint<'_>) {
        put(
            &mut self.body,
            format_args!("<{shape} fill=\"{}\"", paint.fill),
        );
        self.end("fill-opacity", paint.percent);
    }

    fn end(&mut self, attribute: &str, percent: u8) {
        match percent {
            100.. => self.body.push_str("/>"),
            _ => put(
                &mut self.body,
                format_args!(" {attribute}=\".{percent:02}\"/>"),
            ),
        }
    }

    /// The picture as a document of its own, with `title` for those who cannot see it.
    pub(super) fn finish(self, title: &str) -> String {
        let (definitions, body) = (self.definitions, self.body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\"><title>{}</title><defs>{definitions}</defs>{body}</svg>",
            escape(title)
        )
    }
}

/// Appends to a text, which cannot fail.
fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}

/// Text for XML: markup loses its meaning, and characters that XML 1.0 §2.2 forbids are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            control if control.is_control() => escaped.push(' '),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_become_markup() {
        let picture =
            Canvas::new("x".to_owned()).finish("</title><script>alert(1)</script>\u{0}&\"'");
        assert!(!picture.contains("<script"), "{picture}");
        assert!(
            picture.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp;&quot;&#39;</title>"),
            "{picture}"
        );
    }
}
