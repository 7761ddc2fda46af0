//! `tools` and `tool_choice` of a response as members of our own request.

use crate::api::dialect::unknown;
use serde_json::{Map, Value, json};

/// Most tools of one request.
const TOOLS_MAX: usize = 16;
/// Tools that search the web, by their names and dated names.
const WEB: [&str; 4] =
    ["web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11"];

/// Where the tools say to look: `include_domains`, `exclude_domains`, `country`, `sources`. Of a web search its context's
/// size and the parts of a location below the country are hints that change nothing; a code interpreter is never needed.
pub(super) fn tools(
    tools: Option<&Value>,
    choice: Option<&Value>,
    problems: &mut Vec<String>,
) -> Map<String, Value> {
    let mut read = Tools { own: Map::new(), collections: Vec::new(), web: false, problems };
    match tools {
        None => {}
        Some(Value::Array(list)) if list.len() <= TOOLS_MAX => {
            for (place, tool) in list.iter().enumerate() {
                read.tool(&format!("tools[{place}]"), tool);
            }
        }
        Some(_) => read.problems.push(format!("`tools` must be a list of at most {TOOLS_MAX} tools")),
    }
    read.choice(choice);
    read.sources();
    read.own
}

struct Tools<'a> {
    own: Map<String, Value>,
    collections: Vec<Value>,
    web: bool,
    problems: &'a mut Vec<String>,
}

impl Tools<'_> {
    fn tool(&mut self, at: &str, tool: &Value) {
        match tool.get("type").and_then(Value::as_str) {
            Some(kind) if WEB.contains(&kind) => self.web(at, tool),
            Some("file_search") => self.files(at, tool),
            Some("code_interpreter") => {}
            Some(other) => {
                let other: String = other.chars().take(40).collect();
                self.problems.push(format!(
                    "`{at}.type`: `{other}` is not supported: there are web_search, web_search_preview, file_search (collections \
                     of the library) and code_interpreter (never needed)"
                ));
            }
            None => self.problems.push(format!("`{at}.type` is required")),
        }
    }

    fn web(&mut self, at: &str, tool: &Value) {
        self.web = true;
        if tool.get("external_web_access") == Some(&Value::Bool(false)) {
            self.problems.push(format!(
                "`{at}.external_web_access`: false is not supported: pages are read when they are asked for"
            ));
        }
        for name in ["filters", "user_location"] {
            if tool.get(name).is_some_and(|value| !value.is_null() && !value.is_object()) {
                self.problems.push(format!("`{at}.{name}` must be an object"));
            }
        }
        let filters = tool.get("filters");
        let others = filters.and_then(Value::as_object).into_iter().flat_map(Map::keys);
        for name in others.filter(|name| !["allowed_domains", "blocked_domains"].contains(&name.as_str())) {
            self.problems.push(unknown(&format!("{at}.filters.{name}")));
        }
        for (theirs, ours) in [("allowed_domains", "include_domains"), ("blocked_domains", "exclude_domains")]
        {
            let domains =
                filters.and_then(|filters| filters.get(theirs)).filter(|domains| !domains.is_null());
            match domains {
                None => {}
                Some(Value::Array(more)) => {
                    let known = self.own.entry(ours).or_insert(json!([]));
                    if let Some(known) = known.as_array_mut() {
                        known.extend(more.iter().cloned());
                    }
                }
                Some(_) => self.problems.push(format!("`{at}.filters.{theirs}` must be a list of domains")),
            }
        }
        let country = tool.get("user_location").and_then(|place| place.get("country"));
        if let Some(country) = country.filter(|country| !country.is_null()) {
            self.own.insert("country".into(), country.clone());
        }
    }

    fn files(&mut self, at: &str, tool: &Value) {
        for name in ["filters", "ranking_options"] {
            if tool.get(name).is_some_and(|value| !value.is_null()) {
                self.problems.push(format!("`{at}.{name}` is not supported: leave it out"));
            }
        }
        let names: Option<Vec<&str>> = tool
            .get("vector_store_ids")
            .and_then(Value::as_array)
            .and_then(|ids| ids.iter().map(Value::as_str).collect());
        match names.filter(|names| !names.is_empty()) {
            Some(names) => self.collections.extend(names.iter().map(|name| format!("library:{name}").into())),
            None => self.problems.push(format!(
                "`{at}.vector_store_ids` must name collections of the library (GET /v1/library/collections lists them)"
            )),
        }
    }

    fn choice(&mut self, choice: Option<&Value>) {
        let fits = |kind: &str| WEB.contains(&kind) || kind == "file_search" || kind == "code_interpreter";
        let taken = match choice {
            None => true,
            Some(Value::String(word)) => matches!(word.as_str(), "auto" | "required"),
            Some(choice) => choice.get("type").and_then(Value::as_str).is_some_and(fits),
        };
        if !taken {
            self.problems.push(
                "`tool_choice`: this value is not supported: research always searches, send auto".into(),
            );
        }
    }

    /// Without files it is looked wherever the deployment looks.
    fn sources(&mut self) {
        if !self.collections.is_empty() {
            let web = self.web.then(|| Value::from("web"));
            let sources: Vec<Value> = std::mem::take(&mut self.collections).into_iter().chain(web).collect();
            self.own.insert("sources".into(), sources.into());
        }
    }
}
