//! The pages in a real browser: a headless Chromium goes through all three services as a person would.
//!
//! `cargo test -p ecosystem --features browser --test browser`. Needs Chromium and chromedriver (on Debian
//! `chromium` and `chromium-driver`; `CHROMIUM` and `CHROMEDRIVER` name others).
//!
//! Every page that a test looks at must be sound on a phone and in a window, nothing may stand in the console,
//! and no request may leave the three services.
//!
//! | variable | effect |
//! |---|---|
//! | `SCREENSHOTS=directory` | keeps a picture of every page at 390 and 1280 pixels, light and dark |
//! | `SPEAK=zh-CN` | the browser asks for this language; the same tests hold |

#[cfg(test)]
mod harness;
#[cfg(test)]
mod support;
