//! Full-text search over the passages of a library.

use super::LibraryStore;
use crate::library::query::fts_terms;
use crate::library::query::narrow::narrowed;
use crate::library::query::rank::{Found, PassageRow, ROWS_MAX, rank_allowed};
use crate::search::SearchQuery;
use crate::search::fusion::DomainRules;
use serde::Deserialize;
use url::Url;
use worker::{Result, SqlStorageValue};

/// What a match in the title, the heading path and the text counts, in `bm25()`: titles and headings are few words that
/// say what a passage is about.
const BM25: &str = "bm25(passages, 0.0, 0.0, 4.0, 2.0, 1.0)";

#[derive(Deserialize)]
struct Counted {
    passages: u64,
}

impl LibraryStore {
    /// The documents that answer a query best, with their passages. How rare a word is counts over all collections, so
    /// one search over several is as cheap as over one.
    pub fn search(&self, query: &SearchQuery) -> Result<Vec<Found>> {
        let terms = fts_terms(&query.text);
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let all = terms.join(" OR ");
        let rows = match narrowed(&self.counted(&terms)?) {
            Some(rare) => Some(self.best(query, &all, Some(&rare))?).filter(|rows| rows.len() >= ROWS_MAX),
            None => None,
        };
        // Few passages of the rarer terms are in these collections: common words then find what there is.
        let rows = match rows {
            Some(rows) => rows,
            None => self.best(query, &all, None)?,
        };
        let rules =
            DomainRules { include: query.include_domains.clone(), exclude: query.exclude_domains.clone() };
        let allowed = |row: &PassageRow| Url::parse(&row.url).is_ok_and(|url| rules.allow(&url));
        let count = usize::try_from(query.count).unwrap_or(0);
        Ok(rank_allowed(&rows, &query.text, count, allowed))
    }

    /// Each term with the number of passages that hold it.
    fn counted(&self, terms: &[String]) -> Result<Vec<(String, u64)>> {
        let query = "SELECT count(*) AS passages FROM passages WHERE passages MATCH ?";
        let count = |term: &String| {
            let rows = self.sql.exec(query, vec![term.as_str().into()])?.to_array::<Counted>()?;
            Ok((term.clone(), rows.first().map_or(0, |row| row.passages)))
        };
        terms.iter().map(count).collect()
    }

    /// The best rows for an expression, best first, of those that meet a second one.
    fn best(&self, query: &SearchQuery, expression: &str, rare: Option<&str>) -> Result<Vec<PassageRow>> {
        let marks = vec!["?"; query.collections.len()].join(", ");
        let (documents, within) = if marks.is_empty() {
            ("", String::new())
        } else {
            ("JOIN documents d ON d.id = passages.document", format!("AND d.collection IN ({marks})"))
        };
        // A filter of its own: a second condition in the expression would count its terms twice. The sign keeps SQLite from
        // looking each of its passages up in the index.
        let rarer =
            rare.map_or("", |_| "AND +passages.rowid IN (SELECT rowid FROM passages WHERE passages MATCH ?)");
        // What is best is found out first, and only that is looked at: common words stand in a third of all passages, and
        // taking each of them with its document made a query over 100,000 four times as slow.
        let statement = format!(
            "SELECT p.document, d.url, d.title, d.collection, pp.page, p.place AS passage, p.heading, \
             coalesce(p.original, p.text) AS text, best.bm25 \
             FROM (SELECT passages.rowid AS place, {BM25} AS bm25 FROM passages {documents} \
             WHERE passages MATCH ? {rarer} {within} ORDER BY bm25 LIMIT ?) best \
             JOIN passages p ON p.rowid = best.place JOIN documents d ON d.id = p.document \
             LEFT JOIN passage_pages pp ON pp.passage = p.rowid ORDER BY best.bm25"
        );
        let mut values: Vec<SqlStorageValue> = vec![expression.into()];
        values.extend(rare.map(SqlStorageValue::from));
        values.extend(query.collections.iter().map(|name| name.as_str().into()));
        values.push(i64::try_from(ROWS_MAX).unwrap_or(i64::MAX).into());
        self.sql.exec(&statement, values)?.to_array::<PassageRow>()
    }
}
