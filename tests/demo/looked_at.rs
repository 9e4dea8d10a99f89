//! The page in a real browser: at the width of a telephone and of a desk, by keyboard, with scripts and
//! without, and where the reader asked for no motion. Start at the first test.

use serde_json::json;

use super::browser::Browser;
use super::process::{Running, feed};

const TELEPHONE: u32 = 400;
const DESK: u32 = 1280;
const FEW: [&str; 4] = ["--things", "600", "--speed", "3600"];
/// More than there are stops on the page before the switch that is looked for.
const STOPS_MAX: usize = 40;

#[test]
fn nothing_sticks_out_and_the_landmarks_are_there_in_both_widths() {
    let running = Running::with(&FEW);
    running.press("turn-rms-silent");
    let mut browser = Browser::open(DESK);
    for width in [DESK, TELEPHONE] {
        browser.resize(width);
        browser.go(&running.page());
        assert_eq!(browser.eval(STICKS_OUT), json!([width, width]), "{width}");
        let landmarks = browser.eval(
            "['body > header', 'main', 'body > footer', 'nav', 'h1', 'html[lang]', 'title'] \
             .map((one) => document.querySelectorAll(one).length)",
        );
        assert_eq!(landmarks, json!([1, 1, 1, 1, 1, 1, 1]));
        let unnamed = browser.eval(
            "[...document.querySelectorAll('section, article, table, nav, [role=group]')] \
             .filter((one) => !one.getAttribute('aria-label') && !one.caption \
               && !document.getElementById(one.getAttribute('aria-labelledby'))) \
             .map((one) => one.outerHTML.slice(0, 80))",
        );
        assert_eq!(unnamed, json!([]), "every part has a name");
        let headless = "[...document.querySelectorAll('table')] \
             .filter((one) => !one.querySelector('thead th[scope=col]')).length";
        assert_eq!(browser.eval(headless), 0, "every table has its heads");
    }
}

#[test]
fn the_measure_would_find_what_sticks_out() {
    let running = Running::with(&FEW);
    let mut browser = Browser::open(TELEPHONE);
    browser.go(&running.page());
    browser.eval("document.querySelector('h1').style.width = '900px'");
    let told = browser.eval(STICKS_OUT);
    assert_ne!(told, json!([TELEPHONE, TELEPHONE]));
    assert!(told.to_string().contains("H1"), "{told}");
}

#[test]
fn by_keyboard_a_system_is_silenced_and_one_stays_where_one_is() {
    let running = Running::with(&FEW);
    for width in [DESK, TELEPHONE] {
        let mut browser = Browser::open(width);
        browser.go(&running.page());
        browser.eval("window.stays = true");
        reach(&mut browser, "turn-rms-silent");
        let outline = browser.eval(
            "(({ outlineStyle, outlineWidth }) => outlineStyle + ' ' + outlineWidth)\
             (getComputedStyle(document.activeElement))",
        );
        assert_eq!(outline, "solid 3px", "what has the focus is seen");
        browser.press("Enter");
        let said = browser.eval(&until("document.getElementById('said').textContent"));
        assert!(
            said.as_str()
                .is_some_and(|said| said.starts_with("Crime system: Silent since")),
            "{said}"
        );
        assert_eq!(feed(&running.state(), "rms")["speaks"], "silent");
        let after = browser.eval(
            "[document.activeElement.id, document.activeElement.getAttribute('aria-pressed'), window.stays]",
        );
        assert_eq!(after, json!(["turn-rms-silent", "true", true]));
        running.press("turn-rms-at_once");
    }
}

#[test]
fn without_scripts_the_switches_work_and_the_page_comes_back_to_them() {
    let running = Running::with(&FEW);
    let mut browser = Browser::open(DESK);
    browser.ask(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );
    browser.go(&running.page());
    assert_eq!(
        browser.eval("document.getElementById('pause').hidden"),
        true,
        "what only a script can do is not offered"
    );
    reach(&mut browser, "turn-cad-silent");
    browser.press("Enter");
    browser.hear("Page.loadEventFired");
    let shown = browser.eval(
        "[location.hash, document.getElementById('turn-cad-silent').getAttribute('aria-pressed')]",
    );
    assert_eq!(shown, json!(["#feed-cad", "true"]));
    assert_eq!(feed(&running.state(), "cad")["speaks"], "silent");
}

#[test]
fn it_keeps_itself_up_to_date_and_can_be_paused() {
    let running = Running::with(&FEW);
    let mut browser = Browser::open(DESK);
    browser.go(&running.page());
    let changed = "(async () => { const clock = document.querySelector('#clock strong'); \
         const before = clock.textContent; \
         for (;;) { const now = document.querySelector('#clock strong').textContent; \
           if (now !== before) return true; await new Promise((go) => setTimeout(go, 50)); } })()";
    assert_eq!(browser.eval(changed), true);
    browser.eval("document.getElementById('pause').focus()");
    browser.press("Enter");
    let paused = browser.eval(
        "[document.getElementById('pause').textContent, document.getElementById('paused').textContent.trim()]",
    );
    assert_eq!(
        paused,
        json!(["Go on", "This page stands still; the force goes on."])
    );
}

#[test]
fn it_stands_still_for_readers_who_asked_for_no_motion() {
    let running = Running::with(&FEW);
    let mut browser = Browser::open(DESK);
    let calm = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
    browser.ask("Emulation.setEmulatedMedia", calm);
    browser.go(&running.page());
    assert_eq!(
        browser.eval("document.getElementById('pause').textContent"),
        "Go on"
    );
    let moves = browser.eval(
        "[...document.querySelectorAll('*')].filter((one) => { const style = getComputedStyle(one); \
           return style.animationName !== 'none' || style.transitionDuration !== '0s'; }).length",
    );
    assert_eq!(moves, 0);
}

/// Presses Tab until this has the focus.
fn reach(browser: &mut Browser, id: &str) {
    for _ in 0..STOPS_MAX {
        browser.press("Tab");
        if browser.eval("document.activeElement.id") == id {
            return;
        }
    }
    panic!("{STOPS_MAX} times Tab do not lead to {id}");
}

/// An expression, once it comes to something.
fn until(expression: &str) -> String {
    format!(
        "(async () => {{ for (;;) {{ const told = {expression}; if (told) return told; \
         await new Promise((go) => setTimeout(go, 20)); }} }})()"
    )
}

/// The width, the width it scrolls to, and what sticks out without a scroller of its own around it.
const STICKS_OUT: &str = "(() => { const root = document.documentElement; \
    const own = (one) => one.closest('.scroll table, svg, .unseen'); \
    const out = [...document.querySelectorAll('body *')] \
      .filter((one) => !own(one) && one.getBoundingClientRect().right > root.clientWidth + 0.5); \
    return [root.clientWidth, root.scrollWidth, ...out.map((one) => one.tagName)]; })()";

impl Running {
    fn page(&self) -> String {
        format!("http://{}/", self.address)
    }
}
