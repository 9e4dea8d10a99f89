//! The log: to standard error, as text or as JSON, from a level on. What is written is fields of closed
//! types and offsets; records, their bytes and their texts have no way here. Start at [`start`].

use tracing::Level;
use tracing::subscriber::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::SystemTime;

/// How the log is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Log {
    /// One JSON object a line; else text for people.
    pub json: bool,
    /// The least level that is written.
    pub level: Level,
}

/// Starts the log of the process. Once; a second start is told and changes nothing.
pub fn start(log: Log) -> Result<(), String> {
    tracing::subscriber::set_global_default(subscriber(log, std::io::stderr))
        .map_err(|fault| format!("the log cannot be started: {fault}"))
}

/// What writes the log to `writer`.
pub fn subscriber<W>(log: Log, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let built = tracing_subscriber::fmt()
        .with_max_level(log.level)
        .with_writer(writer)
        .with_timer(SystemTime)
        // A file that is not a terminal has no use for colours.
        .with_ansi(false)
        .with_target(true);
    if log.json {
        Box::new(
            built
                .json()
                .flatten_event(true)
                .with_current_span(false)
                .finish(),
        )
    } else {
        Box::new(built.finish())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("nobody panicked").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(log: Log) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        tracing::subscriber::with_default(subscriber(log, move || writer.clone()), || {
            tracing::info!(topic = "rms", partition = 3, "cannot decode record");
            tracing::debug!("nobody asked");
        });
        let bytes = kept.0.lock().expect("nobody panicked").clone();
        String::from_utf8(bytes).expect("a log is UTF-8")
    }

    #[test]
    fn a_log_for_programs_has_an_object_a_line() {
        let text = written(Log {
            json: true,
            level: Level::INFO,
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(line["message"], "cannot decode record");
        assert_eq!(
            (&line["topic"], &line["partition"]),
            (&"rms".into(), &3.into())
        );
        assert_eq!(line["level"], "INFO");
        assert!(line["timestamp"].is_string());
    }

    #[test]
    fn a_log_for_people_has_the_level_and_the_fields() {
        let text = written(Log {
            json: false,
            level: Level::DEBUG,
        });
        assert!(
            text.contains(" INFO ")
                && text.contains("cannot decode record topic=\"rms\" partition=3"),
            "{text}"
        );
        assert!(text.contains("DEBUG"), "{text}");
    }
}
