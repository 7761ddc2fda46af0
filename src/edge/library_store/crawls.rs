//! The rows of crawls.

use super::{CountRow, LibraryStore};
use crate::library::collection::Collection;
use crate::library::crawl::Crawl;
use serde::Deserialize;
use worker::{Error, Result, SqlStorageValue};

/// A crawl as stored.
pub struct CrawlRow {
    /// Public id.
    pub id: String,
    /// Where it started.
    pub url: String,
    /// Its state.
    pub crawl: Crawl,
}

#[derive(Deserialize)]
struct StoredCrawl {
    id: String,
    url: String,
    state: String,
}

impl LibraryStore {
    /// Stores the state of a crawl.
    pub fn put_crawl(&self, row: &CrawlRow) -> Result<()> {
        let state = serde_json::to_string(&row.crawl)?;
        self.sql.exec(
            "INSERT INTO crawls (id, url, state, done) VALUES (?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, done = excluded.done",
            vec![
                row.id.clone().into(),
                row.url.clone().into(),
                state.into(),
                i64::from(row.crawl.is_done()).into(),
            ],
        )?;
        Ok(())
    }

    /// A crawl by its id.
    pub fn crawl(&self, id: &str) -> Result<Option<CrawlRow>> {
        self.one_crawl("SELECT id, url, state FROM crawls WHERE id = ?", vec![id.into()])
    }

    /// The oldest crawl that is not done. One whose state cannot be read is closed: it must not hold up the others.
    pub fn open_crawl(&self) -> Result<Option<CrawlRow>> {
        let query = "SELECT id, url, state FROM crawls WHERE done = 0 ORDER BY rowid LIMIT 1";
        for _ in 0..self.open_crawls()? {
            match self.one_crawl(query, Vec::new()) {
                Ok(row) => return Ok(row),
                Err(error) => {
                    crate::edge::log::error("crawl_closed", &error);
                    let oldest = "(SELECT rowid FROM crawls WHERE done = 0 ORDER BY rowid LIMIT 1)";
                    self.sql.exec(&format!("UPDATE crawls SET done = 1 WHERE rowid = {oldest}"), None)?;
                }
            }
        }
        Ok(None)
    }

    /// Lets all other open crawls come before this one.
    pub fn put_last(&self, id: &str) -> Result<()> {
        let query = "UPDATE crawls SET rowid = (SELECT max(rowid) + 1 FROM crawls) WHERE id = ?";
        self.sql.exec(query, vec![id.into()])?;
        Ok(())
    }

    /// How many crawls are not done.
    pub fn open_crawls(&self) -> Result<u32> {
        let rows = self
            .sql
            .exec("SELECT count(*) AS count FROM crawls WHERE done = 0", None)?
            .to_array::<CountRow>()?;
        Ok(rows.first().map_or(0, |r| r.count))
    }

    /// Whether a crawl is still to be carried on.
    pub fn is_open_crawl(&self, id: &str) -> Result<bool> {
        let query = "SELECT count(*) AS count FROM crawls WHERE id = ? AND done = 0";
        let rows = self.sql.exec(query, vec![id.into()])?.to_array::<CountRow>()?;
        Ok(rows.first().is_some_and(|r| r.count > 0))
    }

    /// Ends all crawls into a collection; says whether there were any.
    pub fn close_crawls(&self, collection: &Collection) -> Result<bool> {
        let query = "SELECT id, url, state FROM crawls WHERE done = 0 ORDER BY rowid";
        let open = self.sql.exec(query, None)?.to_array::<StoredCrawl>()?;
        let mut were_any = false;
        for StoredCrawl { id, url, state } in open {
            if let Ok(mut crawl) = serde_json::from_str::<Crawl>(&state)
                && crawl.collection() == collection
            {
                crawl.stop();
                self.put_crawl(&CrawlRow { id, url, crawl })?;
                were_any = true;
            }
        }
        Ok(were_any)
    }

    fn one_crawl(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Result<Option<CrawlRow>> {
        let rows = self.sql.exec(query, bindings)?.to_array::<StoredCrawl>()?;
        let Some(StoredCrawl { id, url, state }) = rows.into_iter().next() else { return Ok(None) };
        let crawl = serde_json::from_str(&state).map_err(|e| Error::RustError(format!("crawl {id}: {e}")))?;
        Ok(Some(CrawlRow { id, url, crawl }))
    }
}
