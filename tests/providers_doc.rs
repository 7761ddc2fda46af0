//! The table of search providers in `docs/providers.md` says what the code does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use footnote::search::provider::Need;
use footnote::search::{Endpoint, Provider, Recency, SafeSearch, SearchOptions, SearchQuery, Topic, codec};
use footnote::web::http::HttpRequest;
use std::path::Path;
use url::Url;

/// The most hits that a job asks for.
const COUNT_MAX: u32 = 20;
const HEAD: &str = "| provider | key | country | language | recency | days | safe search | topic | domains | hits | pace within a job |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

#[test]
fn the_table_of_search_providers_says_what_the_code_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/providers.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let asked = Provider::ALL.into_iter().filter(|provider| *provider != Provider::Library);
    let table = HEAD.to_owned() + &asked.map(row).collect::<String>();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let (before, rest) = text.split_once("| provider |").expect("a table to replace");
        let (_, after) = rest.split_once("\n\n").expect("a blank line behind the table");
        std::fs::write(&path, format!("{before}{table}\n{after}")).unwrap();
        return;
    }
    assert!(text.contains(&table), "docs/providers.md should hold (UPDATE_GOLDEN=1 writes it):\n{table}");
}

fn row(provider: Provider) -> String {
    let name = provider.name().to_ascii_uppercase();
    let key = match provider.need() {
        Need::Key => format!("`{name}_API_KEY`"),
        Need::OptionalKey => format!("none, or `{name}_API_KEY`"),
        Need::Url => format!("none; `{name}_URL`"),
        Need::Nothing => "none".to_owned(),
    };
    let yes = |passed: bool| if passed { "yes" } else { "" };
    let with = |options: SearchOptions| passes(provider, SearchQuery { options, ..query() });
    let day = || Some("2024-01-31".to_owned());
    let topics = [
        (Topic::News, "news"),
        (Topic::Finance, "finance"),
        (Topic::Science, "science"),
        (Topic::Code, "code"),
    ];
    let topics: Vec<_> = topics
        .into_iter()
        .filter(|(topic, _)| passes(provider, SearchQuery { topic: Some(*topic), ..query() }))
        .map(|(_, name)| name)
        .collect();
    let days = with(SearchOptions { after_date: day(), ..SearchOptions::default() })
        && with(SearchOptions { before_date: day(), ..SearchOptions::default() });
    let domains = passes(provider, SearchQuery { include_domains: vec!["a.com".into()], ..query() })
        && passes(provider, SearchQuery { exclude_domains: vec!["a.com".into()], ..query() });
    let cells = [
        format!("`{provider}`"),
        key,
        yes(with(SearchOptions { country: Some("DE".into()), ..SearchOptions::default() })).to_owned(),
        yes(passes(provider, SearchQuery { language: Some("de".into()), ..query() })).to_owned(),
        yes(with(SearchOptions { recency: Some(Recency::Week), ..SearchOptions::default() })).to_owned(),
        yes(days).to_owned(),
        yes(with(SearchOptions { safe_search: Some(SafeSearch::Strict), ..SearchOptions::default() }))
            .to_owned(),
        topics.join(", "),
        yes(domains).to_owned(),
        hits_max(provider).to_string(),
        pace(provider),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// Whether a query asks the provider for something else than the plain one does.
fn passes(provider: Provider, asked: SearchQuery) -> bool {
    sent(provider, &asked) != sent(provider, &query())
}

fn query() -> SearchQuery {
    // With a language, since a country alone is no locale.
    SearchQuery {
        text: "x".into(),
        count: 10,
        language: Some("en".into()),
        today: "2026-03-01".into(),
        ..SearchQuery::default()
    }
}

fn sent(provider: Provider, query: &SearchQuery) -> Vec<HttpRequest> {
    let base_url = Url::parse(provider.public_url().unwrap_or("https://searxng.example")).unwrap();
    let endpoint = Endpoint { base_url, api_key: Some("k".into()), agent: "a".into(), mailto: None };
    codec::requests(provider, &endpoint, query)
}

/// From where on asking for more changes nothing.
fn hits_max(provider: Provider) -> u32 {
    let sent = |count| sent(provider, &SearchQuery { count, ..query() });
    let most = (1..=COUNT_MAX).find(|count| sent(*count) == sent(COUNT_MAX)).unwrap();
    // One page is all there is, or half of an odd number is rounded up.
    if most == 1 || most == COUNT_MAX - 1 { COUNT_MAX } else { most }
}

fn pace(provider: Provider) -> String {
    let pace = provider.pace();
    let at_once = (pace.at_once < usize::MAX).then(|| format!("{} at once", pace.at_once));
    let gap = (pace.gap_ms > 0).then(|| format!("{} s apart", pace.gap_ms / 1_000));
    let queries = (pace.queries_max < usize::MAX).then(|| format!("{} queries a round", pace.queries_max));
    [at_once, gap, queries].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
