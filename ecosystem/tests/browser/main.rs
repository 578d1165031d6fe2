//! The pages in a real browser: a headless Chromium goes through all three services as a person would.
//!
//! `cargo test -p ecosystem --features browser --test browser`. Needs Chromium and chromedriver (on Debian
//! `chromium` and `chromium-driver`; `CHROMIUM` and `CHROMEDRIVER` name others), and `certutil` (`libnss3-tools`) for HTTPS.
//!
//! Every page that a test looks at must be sound on a phone and in a window, nothing may stand in the console,
//! and no request may leave the three services.
//!
//! | file | what is shown |
//! |---|---|
//! | `grants` | all four grants and refresh, to data from the API |
//! | `device` | the TV and the phone: two browsers, one flow |
//! | `refusals` | one refusal of each kind |
//! | `elsewhere` | clients on origins of their own: pop-ups, callbacks that lead on, `[::1]`, posted answers |
//! | `away` | a provider that is away |
//! | `break_it` | a button that breaks a flow, and the comparison that it leads to |
//! | `knowledge` | who knows what, filling live; two flows side by side |
//! | `lessons` | lessons beside one's own run, the doctor, the settings |
//! | `diagram` | the diagram of every grant, live, equal to the record, by keyboard, without scripts, presented, by HTTPS |
//! | `live` | the flow page, live, equal to the record |
//! | `logout` | signing out: the page that asks, the frame, the way back |
//! | `opened` | the page of one exchange: tabs, reveal, copy |
//! | `reach` | both languages, keyboard alone, no scripts |
//! | `pause` | breakpoints: a browser that is held, in its own tab and from another |
//! | `pictures` | nothing: it makes the documentation's pictures, where `PICTURES` says where |
//! | `export` | a flow as files and pictures, and links that carry settings |
//! | `hostile` | captured text that tries to run |
//! | `time` | the clock, lifetimes that run out while one looks, predict then reveal |
//! | `harness` | the checks of the harness can fail |
//!
//! | variable | effect |
//! |---|---|
//! | `SCREENSHOTS=directory` | keeps a picture of every page at 390 and 1280 pixels, light and dark |
//! | `AXE=axe.min.js` | axe-core judges every page that a test looks at |
//! | `SPEAK=zh-CN` | the browser asks for this language; the same tests hold |

#[cfg(test)]
mod away;
#[cfg(test)]
mod break_it;
#[cfg(test)]
mod device;
#[cfg(test)]
mod diagram;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod export;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod knowledge;
#[cfg(test)]
mod lessons;
#[cfg(test)]
mod live;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod opened;
#[cfg(test)]
mod pause;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod reach;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod support;
#[cfg(test)]
mod time;
