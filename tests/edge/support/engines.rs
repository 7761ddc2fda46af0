//! Search APIs over the little internet, each at its documented path, with its documented key and in its documented shape.

use super::http::{Reply, Request};
use super::origin::Origin;
use super::search::{self, Entry};
use serde_json::{Value, json};

/// The key that every API here wants, where it wants one.
pub(crate) const KEY: &str = "engine-canary-41d8";

/// Starts the API of a provider.
pub(crate) fn start(provider: &'static str, index: Vec<Entry>) -> Origin {
    Origin::start(1, move |request| answer(provider, &index, request))
}

/// The settings that lead to it.
pub(crate) fn settings(provider: &str, origin: &Origin) -> [(String, String); 2] {
    let name = provider.to_uppercase();
    [(format!("{name}_URL"), origin.url("")), (format!("{name}_API_KEY"), KEY.to_owned())]
}

fn answer(provider: &str, index: &[Entry], request: &Request) -> Reply {
    match provider {
        "searxng" => search::searxng(index, request),
        "brave" => search::brave(index, KEY, request),
        "tavily" => tavily(index, request),
        "serper" => serper(index, request),
        "exa" => exa(index, request),
        "wikipedia" => wikipedia(index, request),
        "openalex" => openalex(index, request),
        "arxiv" => arxiv(index, request),
        "hackernews" => hackernews(index, request),
        "stackexchange" => stackexchange(index, request),
        "github" => github(index, request),
        other => panic!("no such search API: {other}"),
    }
}

fn posted(request: &Request, path: &str) -> Option<Value> {
    (request.method == "POST" && request.path == path).then(|| request.json())
}

fn asked(request: &Request, path: &str, parameter: &str) -> Option<String> {
    (request.method == "GET" && request.path == path).then(|| request.parameter(parameter)).flatten()
}

fn has_key(request: &Request, header: &str, value: &str) -> bool {
    request.headers.get(header).map(String::as_str) == Some(value)
}

fn results(index: &[Entry], query: &str, shape: impl Fn(&Entry) -> Value) -> Vec<Value> {
    search::find(index, query).into_iter().map(|(entry, _)| shape(entry)).collect()
}

fn words(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_default().to_owned()
}

fn tavily(index: &[Entry], request: &Request) -> Reply {
    if !has_key(request, "authorization", &format!("Bearer {KEY}")) {
        return Reply::json(401, &json!({"detail": {"error": "Unauthorized: missing or invalid API key."}}));
    }
    let Some(body) = posted(request, "/search") else { return Reply::status(404) };
    let hits = results(
        index,
        &words(&body, "query"),
        |e| json!({"title": e.title, "url": e.url, "content": search::snippet(&e.text), "score": 0.8, "raw_content": null}),
    );
    Reply::json(
        200,
        &json!({"query": body["query"], "answer": null, "images": [], "results": hits, "response_time": 0.2,
            "request_id": "r-1"}),
    )
}

fn serper(index: &[Entry], request: &Request) -> Reply {
    if !has_key(request, "x-api-key", KEY) {
        return Reply::json(403, &json!({"message": "Unauthorized.", "statusCode": 403}));
    }
    let Some(body) = posted(request, "/search") else { return Reply::status(404) };
    let hits = results(
        index,
        &words(&body, "q"),
        |e| json!({"title": e.title, "link": e.url, "snippet": search::snippet(&e.text), "position": 1}),
    );
    Reply::json(
        200,
        &json!({"searchParameters": {"q": body["q"], "type": "search"}, "organic": hits, "credits": 1}),
    )
}

fn exa(index: &[Entry], request: &Request) -> Reply {
    if !has_key(request, "x-api-key", KEY) {
        let error = json!({"requestId": "r-1", "error": "Invalid API key", "tag": "INVALID_API_KEY"});
        return Reply::json(401, &error);
    }
    let Some(body) = posted(request, "/search") else { return Reply::status(404) };
    let hits = results(index, &words(&body, "query"), |e| {
        json!({"id": e.url, "title": e.title, "url": e.url, "publishedDate": null, "author": null,
            "highlights": [search::snippet(&e.text)], "highlightScores": [0.5]})
    });
    Reply::json(200, &json!({"requestId": "r-1", "resolvedSearchType": "auto", "results": hits}))
}

/// Also serves the wiki's pages: `/wiki/Title_with_underscores`.
fn wikipedia(index: &[Entry], request: &Request) -> Reply {
    if let Some(title) = request.path.strip_prefix("/wiki/") {
        let title =
            url::form_urlencoded::parse(format!("t={title}").as_bytes()).next().map(|(_, t)| t.into_owned());
        let title = title.unwrap_or_default().replace('_', " ");
        let page = index.iter().find(|entry| entry.title == title);
        return page.map_or(Reply::status(404), |e| {
            let sentences: String = e.text.split(". ").map(|s| format!("<p>{s}.</p>")).collect();
            Reply::html(format!(
                "<title>{0}</title><body><main><h1>{0}</h1>{sentences}</main></body>",
                e.title
            ))
        });
    }
    let Some(query) = asked(request, "/w/api.php", "srsearch") else { return Reply::status(404) };
    let is = |name: &str, value: &str| request.parameter(name).as_deref() == Some(value);
    if !(is("action", "query") && is("list", "search") && is("format", "json")) {
        return Reply::json(200, &json!({"error": {"code": "badvalue", "info": "Unrecognized value."}}));
    }
    let hits = results(index, &query, |e| {
        json!({"ns": 0, "title": e.title, "pageid": 1, "size": e.text.len(), "wordcount": 100,
            "snippet": format!("a <span class=\"searchmatch\">{}</span>", search::snippet(&e.text))})
    });
    Reply::json(
        200,
        &json!({"batchcomplete": true, "query": {"searchinfo": {"totalhits": hits.len()}, "search": hits}}),
    )
}

fn openalex(index: &[Entry], request: &Request) -> Reply {
    let Some(query) = asked(request, "/works", "search") else { return Reply::status(404) };
    if request.parameter("api_key").as_deref() != Some(KEY) {
        return Reply::json(403, &json!({"error": "Forbidden", "message": "Invalid API key"}));
    }
    let hits = results(index, &query, |e| {
        json!({"id": "https://openalex.org/W1", "doi": null, "display_name": e.title, "publication_date": "2024-01-01",
            "primary_location": {"landing_page_url": e.url, "pdf_url": null},
            "open_access": {"is_oa": true, "oa_url": e.url}, "abstract_inverted_index": {"Words": [0], "here": [1]}})
    });
    Reply::json(
        200,
        &json!({"meta": {"count": hits.len(), "page": 1, "per_page": 10}, "results": hits, "group_by": []}),
    )
}

fn arxiv(index: &[Entry], request: &Request) -> Reply {
    let Some(query) = asked(request, "/api/query", "search_query") else { return Reply::status(404) };
    let text = query.replace("all:", "").replace(" AND ", " ");
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let entries: String = search::find(index, &text)
        .into_iter()
        .map(|(e, _)| {
            format!(
                "<entry><id>{url}</id><published>2024-01-01T00:00:00Z</published><title>{}</title><summary>{}</summary>\
                 <author><name>A. Nobody</name></author><link href=\"{url}\" rel=\"alternate\" type=\"text/html\"/></entry>",
                escape(&e.title),
                escape(search::snippet(&e.text).as_str()),
                url = escape(&e.url),
            )
        })
        .collect();
    let feed = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title type=\"html\">\
         ArXiv Query</title><id>http://arxiv.org/api/x</id>{entries}</feed>"
    );
    Reply::new(200, "application/atom+xml; charset=UTF-8", feed)
}

fn hackernews(index: &[Entry], request: &Request) -> Reply {
    let Some(query) = asked(request, "/api/v1/search", "query") else { return Reply::status(404) };
    let hits = results(index, &query, |e| {
        json!({"objectID": "1", "title": e.title, "url": e.url, "author": "x", "points": 1, "num_comments": 2,
            "created_at": "2024-01-01T00:00:00Z", "created_at_i": 1_704_067_200})
    });
    Reply::json(200, &json!({"hits": hits, "nbHits": hits.len(), "page": 0, "nbPages": 1, "hitsPerPage": 10}))
}

fn stackexchange(index: &[Entry], request: &Request) -> Reply {
    let Some(query) = asked(request, "/2.3/search/advanced", "q") else { return Reply::status(404) };
    if request.parameter("site").is_none() {
        let error =
            json!({"error_id": 400, "error_message": "site is required", "error_name": "bad_parameter"});
        return Reply::json(400, &error);
    }
    let items = results(index, &query, |e| {
        json!({"question_id": 1, "title": e.title, "link": e.url, "body": format!("<p>{}</p>", search::snippet(&e.text)),
            "is_answered": true, "score": 3, "tags": ["x"]})
    });
    Reply::json(200, &json!({"items": items, "has_more": false, "quota_max": 300, "quota_remaining": 299}))
}

fn github(index: &[Entry], request: &Request) -> Reply {
    if !has_key(request, "authorization", &format!("Bearer {KEY}")) {
        return Reply::json(
            401,
            &json!({"message": "Bad credentials", "documentation_url": "https://docs.github.com"}),
        );
    }
    let items = if let Some(query) = asked(request, "/search/repositories", "q") {
        results(index, &query, |e| json!({"full_name": "a/b", "html_url": e.url, "description": e.title}))
    } else if let Some(query) = asked(request, "/search/issues", "q") {
        results(
            index,
            &query,
            |e| json!({"title": e.title, "html_url": e.url, "body": search::snippet(&e.text)}),
        )
    } else {
        return Reply::status(404);
    };
    Reply::json(200, &json!({"total_count": items.len(), "incomplete_results": false, "items": items}))
}
