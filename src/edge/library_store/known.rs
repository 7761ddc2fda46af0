//! What is stored of a page that a crawl comes back to.

use super::{LibraryStore, TextRow};
use crate::job::Timestamp;
use crate::library::crawl::{Gone, Sweep};
use crate::web::visit::Validators;
use serde::Deserialize;
use url::Url;
use worker::Result;

/// A stored document without its text.
#[derive(Deserialize)]
pub struct Known {
    /// Public id.
    pub id: String,
    /// First of its rows in the index.
    pub first_passage: i64,
    /// Last of them; before the first when there is none.
    pub last_passage: i64,
    /// Where it was.
    pub url: String,
    /// SHA-256 of its text.
    pub sha256: String,
    /// Its title.
    pub title: String,
    /// RFC 3339; when its text came in.
    pub added_at: String,
    /// Not 0: its text came from its URL.
    pub fetched: u32,
    /// `ETag` of the response.
    pub etag: Option<String>,
    /// `Last-Modified` of the response.
    pub last_modified: Option<String>,
    /// Same-host links of the page, one a line.
    pub links: Option<String>,
    /// RFC 3339; when its URL was last seen to have this text.
    pub checked_at: Option<String>,
}

const COLUMNS: &str = "id, url, first_passage, last_passage, sha256, title, added_at, fetched, etag, last_modified, links, checked_at";

impl Known {
    /// What its page can be compared by; `None` when its text came from elsewhere, or its server said nothing to go by.
    pub fn comparable(&self) -> Option<crate::edge::read::Known> {
        let validators = Validators { etag: self.etag.clone(), last_modified: self.last_modified.clone() };
        let url = Url::parse(&self.url).ok()?;
        (self.fetched != 0 && !validators.is_empty()).then_some(crate::edge::read::Known { url, validators })
    }

    /// Where it leads.
    pub fn links(&self) -> Vec<String> {
        self.links.iter().flat_map(|links| links.lines()).map(str::to_owned).collect()
    }
}

impl LibraryStore {
    /// What is stored under a key.
    pub fn known(&self, key: &str) -> Result<Option<Known>> {
        self.known_by("key", key)
    }

    /// What is stored under an id.
    pub fn known_as(&self, id: &str) -> Result<Option<Known>> {
        self.known_by("id", id)
    }

    /// A page was seen, and is what is stored.
    pub fn confirm(&self, known: &Known, at: Timestamp) -> Result<()> {
        let query = "UPDATE documents SET checked_at = ?, gone_at = NULL WHERE id = ?";
        self.sql.exec(query, vec![at.to_rfc3339().into(), known.id.clone().into()])?;
        Ok(())
    }

    /// A page was seen to be gone. A text that did not come from it is none of its business: `false`.
    pub fn gone(&self, known: &Known, what: Gone, at: Timestamp) -> Result<bool> {
        if known.fetched == 0 {
            return Ok(false);
        }
        if what == Gone::Remove {
            return self.remove(known).map(|()| true);
        }
        // It is gone since it was first seen to be.
        let query = "UPDATE documents SET checked_at = ?, gone_at = coalesce(gone_at, ?) WHERE id = ?";
        let at = at.to_rfc3339();
        self.sql.exec(query, vec![at.clone().into(), at.into(), known.id.clone().into()])?;
        Ok(true)
    }

    /// The pages that a crawl wants to look at again, those first that were not looked at for longest.
    pub fn to_sweep(&self, sweep: &Sweep) -> Result<Vec<String>> {
        let query = "SELECT url AS body FROM documents WHERE key >= ? AND key < ? AND fetched <> 0 AND checked_at < ? \
                     ORDER BY checked_at LIMIT ?";
        let values = vec![
            sweep.key_prefix.clone().into(),
            format!("{}\u{10ffff}", sweep.key_prefix).into(),
            sweep.checked_before.to_rfc3339().into(),
            i64::from(sweep.count).into(),
        ];
        let rows = self.sql.exec(query, values)?.to_array::<TextRow>()?;
        Ok(rows.into_iter().map(|row| row.body).collect())
    }

    fn known_by(&self, column: &str, value: &str) -> Result<Option<Known>> {
        let query = format!("SELECT {COLUMNS} FROM documents WHERE {column} = ?");
        Ok(self.sql.exec(&query, vec![value.into()])?.to_array::<Known>()?.into_iter().next())
    }
}
