//! What a question may say of where and when its sources come from.

use super::Fields;
use crate::search::options::DAY;
use crate::search::{Recency, SafeSearch, SearchOptions, country};
use chrono::NaiveDate;
use serde_json::Value;

impl Fields<'_> {
    /// `country`, `recency`, `after_date`, `before_date`, `safe_search`
    pub(super) fn search_options(&mut self) -> SearchOptions {
        let options = SearchOptions {
            country: self.country(),
            recency: self.one_of(&["recency"], &Recency::ALL),
            after_date: self.day(&["after_date", "afterDate"]),
            before_date: self.day(&["before_date", "beforeDate"]),
            safe_search: self.safe_search(),
        };
        if let (Some(after), Some(before)) = (&options.after_date, &options.before_date)
            && after > before
        {
            self.conflicts.push("`after_date` must not be later than `before_date`".into());
        }
        options
    }

    fn country(&mut self) -> Option<String> {
        let (name, value) = self.get(&["country"])?;
        let code = value.as_str().and_then(country::code);
        if code.is_none() {
            self.problems.push(format!(
                "`{name}` must be a country's two-letter code such as \"DE\", or its English name"
            ));
        }
        code.map(str::to_owned)
    }

    fn safe_search(&mut self) -> Option<SafeSearch> {
        const NAMES: [&str; 2] = ["safe_search", "safeSearch"];
        match self.get(&NAMES)? {
            (_, Value::Bool(true)) => Some(SafeSearch::Strict),
            (_, Value::Bool(false)) => Some(SafeSearch::Off),
            _ => self.one_of(&NAMES, &SafeSearch::ALL),
        }
    }

    fn one_of<T: Copy>(&mut self, names: &[&'static str], known: &[(&str, T)]) -> Option<T> {
        let (name, value) = self.get(names)?;
        let text = value.as_str().map(|text| text.trim().to_ascii_lowercase());
        let found = known.iter().find(|(word, _)| Some(*word) == text.as_deref()).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<_> = known.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.problems.push(format!("`{name}` must be one of {}", words.join(", ")));
        }
        found
    }

    fn day(&mut self, names: &[&'static str]) -> Option<String> {
        let (name, value) = self.get(names)?;
        // Ten characters: a year of five digits or a month of one would not be in order as texts.
        let day = value.as_str().map(str::trim).filter(|text| text.len() == 10);
        let day = day.filter(|text| NaiveDate::parse_from_str(text, DAY).is_ok());
        match day {
            Some(day) => Some(day.to_owned()),
            None => {
                self.problems.push(format!("`{name}` must be a day such as \"2024-01-31\""));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::research_request;

    #[test]
    fn options_are_read_in_both_spellings() {
        let expected = SearchOptions {
            country: Some("DE".into()),
            recency: Some(Recency::Week),
            after_date: Some("2024-01-31".into()),
            before_date: Some("2024-02-29".into()),
            safe_search: Some(SafeSearch::Strict),
        };
        for body in [
            r#"{"query":"q","country":"de","recency":"week","after_date":"2024-01-31","before_date":"2024-02-29","safe_search":"strict"}"#,
            r#"{"query":"q","country":"Germany","recency":"Week","afterDate":"2024-01-31","beforeDate":"2024-02-29","safeSearch":true}"#,
        ] {
            assert_eq!(research_request(body.as_bytes()).unwrap().options, expected);
        }
        assert!(research_request(br#"{"query":"q"}"#).unwrap().options.is_unset());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (field, says) in [
            (r#""country":"xx""#, "`country`"),
            (r#""country":7"#, "`country`"),
            (r#""recency":"hour""#, "`recency` must be one of \"day\""),
            (r#""after_date":"2024-2-31""#, "`after_date` must be a day"),
            (r#""beforeDate":"2024-02-30""#, "`beforeDate` must be a day"),
            (r#""before_date":20240131"#, "`before_date` must be a day"),
            (r#""safe_search":"perhaps""#, "`safe_search` must be one of"),
            (r#""after_date":"2024-02-02","before_date":"2024-02-01""#, "later than"),
        ] {
            let error = research_request(format!("{{\"query\":\"q\",{field}}}").as_bytes()).unwrap_err();
            assert!(error.to_string().contains(says), "{field}: {error}");
        }
    }
}
