//! The demonstration: invented traffic, the whole of judging, and a page on which one sees it at work,
//! in one process and without a broker. A function of its arguments: time comes in from outside, and
//! what follows from a record is handed back for a driver to count. Adds nothing to what is judged, and
//! says wherever it is shown that the records are made up. Start at [`World`].

mod gate;
mod page;
mod picture;
mod remembered;

mod window;
mod world;

pub use gate::{Gate, Speaks};
pub use page::{SCRIPT, page};
pub use picture::Picture;
pub use window::{Turn, Turned, Window};
pub use world::{Asked, Taken, World};
