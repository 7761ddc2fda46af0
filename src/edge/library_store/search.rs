//! Full-text search over the passages of a library.

use super::LibraryStore;
use crate::library::query::fts_query;
use crate::library::query::rank::{Found, PassageRow, ROWS_MAX, rank_documents};
use crate::search::SearchQuery;
use crate::search::fusion::DomainRules;
use url::Url;
use worker::{Result, SqlStorageValue};

/// What a match in the title, the heading path and the text counts, in `bm25()`: titles and headings are few words that
/// say what a passage is about.
const BM25: &str = "bm25(passages, 0.0, 0.0, 4.0, 2.0, 1.0)";

impl LibraryStore {
    /// The documents that answer a query best, with their passages. How rare a word is counts over all collections, so
    /// one search over several is as cheap as over one.
    pub fn search(&self, query: &SearchQuery) -> Result<Vec<Found>> {
        let Some(expression) = fts_query(&query.text) else { return Ok(Vec::new()) };
        let marks = vec!["?"; query.collections.len()].join(", ");
        let within = if marks.is_empty() { String::new() } else { format!("AND d.collection IN ({marks})") };
        let statement = format!(
            "SELECT p.document, d.url, d.title, d.collection, pp.page, p.place AS passage, p.heading, \
             coalesce(p.original, p.text) AS text, {BM25} AS bm25 \
             FROM passages p JOIN documents d ON d.id = p.document LEFT JOIN passage_pages pp ON pp.passage = p.rowid \
             WHERE passages MATCH ? {within} ORDER BY bm25 LIMIT ?"
        );
        let mut values: Vec<SqlStorageValue> = vec![expression.into()];
        values.extend(query.collections.iter().map(|name| name.as_str().into()));
        values.push(i64::try_from(ROWS_MAX).unwrap_or(i64::MAX).into());
        let rows = self.sql.exec(&statement, values)?.to_array::<PassageRow>()?;
        let rules =
            DomainRules { include: query.include_domains.clone(), exclude: query.exclude_domains.clone() };
        let allowed = |found: &Found| Url::parse(&found.hit.url).is_ok_and(|url| rules.allow(&url));
        let count = usize::try_from(query.count).unwrap_or(0);
        Ok(rank_documents(&rows, &query.text, ROWS_MAX).into_iter().filter(allowed).take(count).collect())
    }
}
