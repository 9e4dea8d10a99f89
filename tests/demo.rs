//! The demonstration: the real program on a free port, its page, metrics and switches; the world behind
//! it; and the page in a real browser, by keyboard. Needs `promtool` and `chromium`; without them the
//! tests fail and say so. Start at [`silence`].

#[path = "demo/browser.rs"]
mod browser;
#[path = "demo/looked_at.rs"]
mod looked_at;
#[path = "demo/process.rs"]
mod process;
#[path = "support/promtool.rs"]
mod promtool;
#[path = "demo/serving.rs"]
mod serving;
#[path = "demo/silence.rs"]
mod silence;
#[path = "demo/world.rs"]
mod world;
