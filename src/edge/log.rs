//! Where the log's lines go: information to standard output, everything else to standard error.

use crate::edge::clock;
use crate::log::{Level, Line};
use std::fmt::Display;

/// Writes a line.
pub fn write(line: &Line) {
    match line.level() {
        Level::Info => worker::console_log!("{line}"),
        Level::Warn | Level::Error => worker::console_error!("{line}"),
    }
}

/// Something that nobody can be told of but whoever runs the deployment.
pub fn error(event: &str, cause: &dyn Display) {
    write(&Line::new(Level::Error, event, clock::now()).quoting("cause", &cause.to_string()));
}

/// A part of the deployment did not answer.
pub fn unavailable(what: &str, cause: &dyn Display) {
    let line = Line::new(Level::Error, "unavailable", clock::now()).with("what", what);
    write(&line.quoting("cause", &cause.to_string()));
}
