//! Writing a bundle, line by line: nothing of it is held but the digest.

use super::Line;
use crate::digest::hex;
use crate::job::Event;
use crate::job::journal::{self, JournalError};
use sha2::{Digest, Sha256};

/// Writes lines and ends with their digest.
#[derive(Clone, Debug, Default)]
pub struct LineWriter {
    digest: Sha256,
}

impl LineWriter {
    /// A line with its line break.
    ///
    /// # Errors
    /// What cannot be JSON, which no [`Line`] holds.
    pub fn line(&mut self, line: &Line) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.digest.update(&text);
        Ok(text)
    }

    /// The last line.
    ///
    /// # Errors
    /// As [`LineWriter::line`].
    pub fn end(self) -> Result<String, serde_json::Error> {
        let sha256 = hex(self.digest.finalize());
        serde_json::to_string(&Line::End { sha256 }).map(|text| text + "\n")
    }
}

/// The line of a journal entry. A bundle is made to be handed on: where the owner is called back stays behind.
///
/// # Errors
/// An entry that cannot be read.
pub fn fact(seq: u64, body: &str) -> Result<Line, JournalError> {
    let mut event = Box::new(journal::decode(seq, body)?);
    if let Event::Accepted { request, .. } = event.as_mut() {
        request.webhook_url = None;
    }
    Ok(Line::Fact { seq, event })
}
