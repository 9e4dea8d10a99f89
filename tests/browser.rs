//! The report in a real browser: nothing sticks out at the width of a telephone or of a desk, and it
//! prints on pages. Needs `chromium`; without it the tests fail and say so. Start at [`chromium`].

#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "check/command.rs"]
mod command;
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "report/read.rs"]
mod read;
mod support {
    pub(crate) use crate::tree;
}
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use command::Ran;

const TELEPHONE: u32 = 400;
const DESK: u32 = 1280;

/// Flags that keep the browser quiet: no window, no network, no first run, a profile of its own.
const QUIET: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

#[test]
fn nothing_sticks_out_on_a_telephone_nor_on_a_desk() {
    for ran in [read::example(), read::demonstration()] {
        for width in [TELEPHONE, DESK] {
            let measured = measured(&ran, width);
            assert_eq!(
                measured,
                format!("{width} {width}"),
                "width, then what it scrolls to, then what sticks out"
            );
        }
    }
}

#[test]
fn the_measure_would_find_what_sticks_out() {
    let wide = "<!DOCTYPE html><body><p style=\"width: 900px\">wide</p></body>";
    let measured = measure(wide, TELEPHONE);
    assert!(
        measured.starts_with("400 9") && measured.ends_with(" P"),
        "{measured}"
    );
}

#[test]
fn it_can_be_looked_at_in_both_widths() {
    for width in [TELEPHONE, DESK] {
        let folder = folder();
        let page = folder.path().join("report.html");
        fs::write(&page, read::example().text("report.html")).expect("the folder can be written");
        let picture = folder.path().join("page.png");
        let arguments = [
            format!("--window-size={width},2000"),
            format!("--screenshot={}", picture.display()),
        ];
        let _ = chromium(&folder, &arguments, &page);
        let bytes = fs::read(&picture).expect("a picture was taken");
        assert_eq!(&bytes[1..4], b"PNG");
        let size = [16, 20].map(|at| {
            let number = bytes[at..at + 4].try_into().expect("four bytes");
            u32::from_be_bytes(number)
        });
        assert_eq!(size, [width, 2000]);
        assert!(bytes.len() > 20_000, "{width}: the page is not blank");
    }
}

#[test]
fn it_prints_on_numbered_pages() {
    let folder = folder();
    let page = folder.path().join("report.html");
    fs::write(&page, read::example().text("report.html")).expect("the folder can be written");
    let paper = folder.path().join("report.pdf");
    let arguments = [
        "--no-pdf-header-footer".to_owned(),
        format!("--print-to-pdf={}", paper.display()),
    ];
    let _ = chromium(&folder, &arguments, &page);
    let bytes = fs::read(&paper).expect("it was printed");
    assert!(bytes.starts_with(b"%PDF"));
    let text = String::from_utf8_lossy(&bytes);
    let pages = text.matches("/Type /Page\n").count();
    assert!((5..40).contains(&pages), "{pages} pages");
    // A4 in points.
    assert!(text.contains("/MediaBox [0 0 594"), "it is not on A4");
}

fn measured(ran: &Ran, width: u32) -> String {
    measure(ran.text("report.html"), width)
}

/// Shows a page in a frame of this width and gives back: the frame's width, the width it scrolls to,
/// and the elements that stick out without a scroller of their own around them.
fn measure(html: &str, width: u32) -> String {
    let folder = folder();
    let page = folder.path().join("measure.html");
    let framed = html.replace('&', "&amp;").replace('"', "&quot;");
    let text = format!(
        "<!DOCTYPE html><meta charset=utf-8><body>\
         <iframe id=frame style=\"border:0;width:{width}px;height:900px\" srcdoc=\"{framed}\"></iframe>\
         <script>{MEASURE}</script></body>"
    );
    fs::write(&page, text).expect("the folder can be written");
    let output = chromium(&folder, &["--dump-dom".to_owned()], &page);
    let dom = String::from_utf8_lossy(&output.stdout);
    let told = dom
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"));
    let (told, _) = told.unwrap_or_else(|| panic!("the browser measured nothing:\n{dom}"));
    told.trim().to_owned()
}

const MEASURE: &str = r#"
const frame = document.getElementById("frame");
frame.onload = () => {
  const page = frame.contentDocument, root = page.documentElement;
  const within = (one) => one.closest(".scroll table") || one.closest("svg");
  const out = [...page.querySelectorAll("body *")]
    .filter((one) => !within(one) && one.getBoundingClientRect().right > root.clientWidth + 0.5)
    .map((one) => one.tagName);
  document.title = [root.clientWidth, root.scrollWidth, ...out].join(" ");
  frame.remove();
};
"#;

fn folder() -> TempDir {
    TempDir::new().expect("a folder can be made")
}

/// Runs the browser on a file. `CHROMIUM` names another one.
fn chromium(folder: &TempDir, arguments: &[String], page: &Path) -> Output {
    let name =
        std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from("chromium"), PathBuf::from);
    let profile = folder.path().join("profile");
    Command::new(&name)
        .args(QUIET)
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap_or_else(|problem| {
            panic!(
                "{}: {problem}. These tests look at the report in a browser: install chromium \
                 (apt-get install chromium), as .ci/run does, or name it in CHROMIUM.",
                name.display()
            )
        })
}
