//! Progress on long input, on the terminal's error stream and only where somebody looks at one.
//! Start at [`with_progress`].

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::drivers::files::input::Input;

/// Input below this is judged before a bar could be read.
const WORTH_SHOWING: u64 = 8 << 20;

/// Does `work` and shows how far it is. Files are read twice: heads first, then records.
pub(super) fn with_progress<T: Send>(
    inputs: &[Input],
    work: impl FnOnce(&AtomicU64) -> T + Send,
) -> T {
    let total: u64 = inputs.iter().map(Input::length).sum::<u64>() * 2;
    let read = AtomicU64::new(0);
    if total < WORTH_SHOWING {
        return work(&read);
    }
    let bar = ProgressBar::new(total).with_style(style());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                bar.set_position(read.load(Ordering::Relaxed));
                std::thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let result = work(&read);
        done.store(true, Ordering::Release);
        result
    })
}

/// Does `work` and shows which file it writes.
pub(super) fn while_writing<T>(work: impl FnOnce(&dyn Fn(&'static str)) -> T) -> T {
    let turning = ProgressBar::new_spinner();
    turning.enable_steady_tick(Duration::from_millis(100));
    let result = work(&|name| turning.set_message(format!("writing {name}")));
    turning.finish_and_clear();
    result
}

/// A bar over so many records; nothing where nobody looks at a terminal.
pub(super) fn over_records(total: u64) -> ProgressBar {
    let template = "{bar:32} {percent:>3} %  {pos} of {len} records  {eta} left";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn style() -> ProgressStyle {
    let template = "{bar:32} {percent:>3} %  {bytes} of {total_bytes}  {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
