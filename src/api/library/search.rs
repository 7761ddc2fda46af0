//! What comes with `/v1/library/search`, as a query or as JSON.

use crate::api::ApiError;
use crate::api::request::{BODY_BYTES_MAX, Fields, QUERY_CHARS_MAX, json_object, whole};
use crate::library::collection::Collection;
use crate::search::SearchQuery;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Hits when none are asked for.
const HITS: u32 = 10;
/// Most hits.
const HITS_MAX: u32 = 20;
/// Most collections of one search.
const COLLECTIONS_MAX: usize = 32;

/// Reads `?q=&collection=&limit=`; several collections are separated by commas.
///
/// # Errors
/// 400 with every problem.
pub fn library_search(query: &BTreeMap<String, String>) -> Result<SearchQuery, ApiError> {
    let mut object: Map<String, Value> =
        query.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    if let Some(limit) = query.get("limit").and_then(|limit| whole(limit)) {
        object.insert("limit".into(), limit.into());
    }
    if let Some(names) = query.get("collection") {
        object.insert("collection".into(), names.split(',').collect());
    }
    read(&object)
}

/// Reads `{"q": "..", "collection": ["a", "b"], "limit": 10}`; one collection may be a text.
///
/// # Errors
/// 400 with every problem; 413.
pub fn library_search_body(body: &[u8]) -> Result<SearchQuery, ApiError> {
    read(&json_object(body, BODY_BYTES_MAX)?)
}

fn read(object: &Map<String, Value>) -> Result<SearchQuery, ApiError> {
    let mut fields = Fields::of(object);
    let text = fields.text("q", QUERY_CHARS_MAX).or_else(|| fields.text("query", QUERY_CHARS_MAX));
    if text.is_none() && fields.problems.is_empty() {
        fields.problems.push("`q` is required: send the words to search for".into());
    }
    let count = fields.count(&["limit"], HITS_MAX).unwrap_or(HITS);
    let collections = fields.collections();
    let text = text.unwrap_or_default();
    fields.done(SearchQuery { text, count, collections, ..SearchQuery::default() })
}

impl Fields<'_> {
    fn collections(&mut self) -> Vec<Collection> {
        let Some((name, value)) = self.get(&["collection", "collections"]) else { return Vec::new() };
        let names: Option<Vec<Collection>> = match value {
            Value::String(one) => one.trim().parse().ok().map(|one| vec![one]),
            Value::Array(all) if all.len() <= COLLECTIONS_MAX => {
                all.iter().map(|name| name.as_str()?.trim().parse().ok()).collect()
            }
            _ => None,
        };
        names.unwrap_or_else(|| {
            self.problems.push(format!("`{name}` must name at most {COLLECTIONS_MAX} collections"));
            Vec::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Result<SearchQuery, ApiError> {
        library_search(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn names(search: &SearchQuery) -> Vec<&str> {
        search.collections.iter().map(Collection::as_str).collect()
    }

    #[test]
    fn a_search_names_its_words_and_perhaps_its_collections() {
        let search = query(&[("q", " ferry "), ("collection", "a,b"), ("limit", "99")]).unwrap();
        assert_eq!((search.text.as_str(), search.count, names(&search)), ("ferry", HITS_MAX, vec!["a", "b"]));
        let search = library_search_body(br#"{"query":"ferry","collection":"a","limit":3}"#).unwrap();
        assert_eq!((search.text.as_str(), search.count, names(&search)), ("ferry", 3, vec!["a"]));
        let search = library_search_body(br#"{"q":"ferry","collections":["a","b"]}"#).unwrap();
        assert_eq!((search.count, names(&search)), (HITS, vec!["a", "b"]));
    }

    #[test]
    fn what_is_no_search_is_refused() {
        for pairs in [&[][..], &[("q", " ")], &[("q", "x"), ("limit", "0")], &[("q", "x"), ("limit", "x")]] {
            assert_eq!(query(pairs).unwrap_err().status(), 400, "{pairs:?}");
        }
        assert!(
            query(&[("q", "x"), ("collection", "a,B")]).unwrap_err().to_string().contains("`collection`")
        );
    }
}
