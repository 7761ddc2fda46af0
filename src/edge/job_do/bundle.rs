//! The evidence bundle of a job as it stands: streamed, so that no more than one page is held at once.

use super::{JobObject, NO_JOB};
use crate::digest::sha256_hex;
use crate::edge::store::JobStore;
use crate::edge::{clock, reply};
use crate::job::bundle::{FORMAT, Head, Line, LineWriter, MEDIA_TYPE, fact};
use crate::research::PageId;
use futures_util::stream;
use std::collections::VecDeque;
use std::ops::Range;
use worker::{Error, Response, Result};

/// Facts of one piece of the stream.
const FACTS_PER_PIECE: u64 = 50;
/// Exchanges of one piece: with 60,000 characters of prompt each about half a megabyte.
const EXCHANGES_PER_PIECE: u64 = 8;

impl JobObject {
    /// All facts, pages and exchanges there are now.
    pub(super) fn bundle(&self) -> Result<Response> {
        self.ensure_loaded()?;
        let Some(id) = self.live.borrow().as_ref().map(|live| live.job.id().to_owned()) else {
            return reply::error(&NO_JOB);
        };
        let (facts, exchanges) = (self.store.length()?, self.store.exchanges_length()?);
        let pages: VecDeque<PageId> = self.store.page_ids()?.into();
        let file = format!("attachment; filename=\"{id}.jsonl\"");
        let head = Head {
            format: FORMAT.to_owned(),
            id,
            release: env!("CARGO_PKG_VERSION").to_owned(),
            written_at: clock::now(),
            facts,
            pages: u64::try_from(pages.len()).unwrap_or(u64::MAX),
            exchanges,
        };
        let rest = Rest {
            store: self.store.clone(),
            writer: Some(LineWriter::default()),
            head: Some(head),
            facts: 0..facts,
            pages,
            exchanges: 0..exchanges,
        };
        let pieces = stream::try_unfold(rest, |mut rest| async move {
            Ok::<_, Error>(rest.piece()?.map(|piece| (piece.into_bytes(), rest)))
        });
        let mut response = reply::finish(Response::from_stream(pieces)?)?;
        response.headers_mut().set("content-type", MEDIA_TYPE)?;
        response.headers_mut().set("content-disposition", &file)?;
        Ok(response)
    }
}

/// What is not written yet.
struct Rest {
    store: JobStore,
    /// Gone with the last line.
    writer: Option<LineWriter>,
    head: Option<Head>,
    facts: Range<u64>,
    pages: VecDeque<PageId>,
    exchanges: Range<u64>,
}

impl Rest {
    /// The next piece; none when all is written. Pulled by the connection, so a slow one holds no more than one piece.
    fn piece(&mut self) -> Result<Option<String>> {
        let lines = if let Some(head) = self.head.take() {
            vec![Line::Head(head)]
        } else if !self.facts.is_empty() {
            let entries = self.store.entries(self.facts.start, FACTS_PER_PIECE)?;
            self.facts.start = self.facts.start.saturating_add(FACTS_PER_PIECE);
            let lines = entries.iter().map(|(seq, body)| fact(*seq, body));
            lines.collect::<std::result::Result<_, _>>().map_err(|e| Error::RustError(e.to_string()))?
        } else if let Some(page) = self.pages.pop_front() {
            // The job was deleted in the meantime when it is gone: without its last line the file shows that it is cut.
            let gone = || Error::RustError(format!("page {page} is gone"));
            let text = self.store.page(page)?.ok_or_else(gone)?;
            vec![Line::Page { page, sha256: sha256_hex(&text), text }]
        } else if !self.exchanges.is_empty() {
            let exchanges = self.store.exchanges(self.exchanges.start, EXCHANGES_PER_PIECE)?;
            self.exchanges.start = self.exchanges.start.saturating_add(EXCHANGES_PER_PIECE);
            exchanges.into_iter().map(Line::Exchange).collect()
        } else {
            return Ok(self.writer.take().map(LineWriter::end).transpose()?);
        };
        let mut text = String::new();
        if let Some(writer) = self.writer.as_mut() {
            for line in &lines {
                text.push_str(&writer.line(line)?);
            }
        }
        Ok(Some(text))
    }
}
