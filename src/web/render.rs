//! Pages that only scripts make, rendered by a browser elsewhere: `POST {RENDER_URL}` in the shape that Cloudflare's Browser
//! Rendering (`.../browser-rendering/content`) and browserless (`/content`) share. The first wraps the HTML into JSON, the
//! second sends it as it is; the reply itself tells which.

use crate::job::Failure;
use crate::page::Rejection;
use crate::web::http::{HttpReply, HttpRequest, Method};
use serde::Deserialize;
use serde_json::json;
use std::fmt;
use url::Url;

/// Where pages are rendered. Its `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Renderer {
    /// `RENDER_URL`; its query may hold a token.
    pub url: Url,
    /// `RENDER_TOKEN`.
    pub token: Option<String>,
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

/// The whole call at most: pages come to rest after 1 to 3 s, and the page's own request and this have 15 s together.
const TIMEOUT_MS: u64 = 14_000;
/// Of this the browser's start and the way there and back; a page that has not come to rest before is taken as it is.
const START_MS: u64 = 2_000;
/// A rendered page is as long as any other; as JSON it is a third longer.
const REPLY_BYTES_MAX: usize = 8_000_000;
/// What says nothing to a reader of text.
const REJECTED: [&str; 3] = ["image", "media", "font"];

/// Whether a browser may make something of a page that was refused for this reason.
#[must_use]
pub fn may_help(rejection: &Rejection) -> bool {
    matches!(rejection, Rejection::JavascriptShell { .. } | Rejection::ChallengePage)
}

/// The call, which takes at most `within_ms`. `page` must have been admitted; `agent` is what its server is told who reads.
#[must_use]
pub fn request(renderer: &Renderer, page: &Url, agent: &str, within_ms: u64) -> HttpRequest {
    let timeout_ms = within_ms.min(TIMEOUT_MS);
    let mut url = renderer.url.clone();
    // Both services answer below their address only.
    if url.path() == "/" {
        url.set_path("/content");
    }
    let mut headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("accept".to_owned(), "text/html, application/json".to_owned()),
    ];
    if let Some(token) = &renderer.token {
        headers.push(("authorization".into(), format!("Bearer {token}")));
        // browserless reads it from the query.
        if !is_cloudflare(&url) && !url.query_pairs().any(|(name, _)| name == "token") {
            url.query_pairs_mut().append_pair("token", token);
        }
    }
    let body = json!({
        "url": page.as_str(),
        "gotoOptions": {"waitUntil": "networkidle2", "timeout": timeout_ms.saturating_sub(START_MS)},
        "rejectResourceTypes": REJECTED,
        "bestAttempt": true,
        "setExtraHTTPHeaders": {"User-Agent": agent},
    });
    HttpRequest {
        method: Method::Post,
        url: url.into(),
        headers,
        body: Some(body.to_string()),
        timeout_ms,
        reply_bytes_max: REPLY_BYTES_MAX,
    }
}

/// The page's HTML.
///
/// # Errors
/// The failure that the reply stands for. What the renderer wrote is not repeated: it may hold its address with the token.
pub fn parse(reply: &HttpReply) -> Result<String, Failure> {
    HttpReply { body: Vec::new(), ..reply.clone() }.success("the renderer")?;
    if !is_json(reply) {
        let html = String::from_utf8_lossy(&reply.body).into_owned();
        return if html.trim().is_empty() {
            Err(Failure::permanent("the renderer sent an empty page"))
        } else {
            Ok(html)
        };
    }
    let wrapped: Wrapped = serde_json::from_slice(&reply.body)
        .map_err(|_| Failure::permanent("the renderer sent JSON of another shape, or half of it"))?;
    match wrapped.result {
        Some(html) if wrapped.success && !html.trim().is_empty() => Ok(html),
        _ => Err(Failure::permanent("the renderer said that it could not render the page")),
    }
}

/// Cloudflare's reply, as far as it is needed.
#[derive(Deserialize)]
struct Wrapped {
    success: bool,
    #[serde(default)]
    result: Option<String>,
}

/// By its type, and where that does not tell by its beginning: HTML begins with no brace.
fn is_json(reply: &HttpReply) -> bool {
    let stated = reply.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if stated.contains("html") {
        return false;
    }
    stated.contains("json") || reply.body.trim_ascii_start().starts_with(b"{")
}

fn is_cloudflare(url: &Url) -> bool {
    url.host_str() == Some("api.cloudflare.com") || url.path().contains("/browser-rendering/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn renderer(url: &str) -> Renderer {
        Renderer { url: Url::parse(url).expect("a URL"), token: Some("s3cret".into()) }
    }

    fn asked(url: &str) -> HttpRequest {
        request(
            &renderer(url),
            &Url::parse("https://e.com/a?b=c").expect("a URL"),
            "Footnote/1 (+https://f.example)",
            10_000,
        )
    }

    fn reply(status: u16, content_type: &str, body: &str) -> HttpReply {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        HttpReply { status, headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn the_call_names_the_page_and_is_bounded() {
        let request = asked("http://127.0.0.1:3000/content");
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap_or_default()).expect("JSON");
        assert_eq!(body["url"], "https://e.com/a?b=c");
        assert_eq!(body["gotoOptions"], json!({"waitUntil": "networkidle2", "timeout": 8_000}));
        assert_eq!(body["rejectResourceTypes"], json!(["image", "media", "font"]));
        assert_eq!(body["setExtraHTTPHeaders"]["User-Agent"], "Footnote/1 (+https://f.example)");
        assert_eq!((request.method, request.timeout_ms), (Method::Post, 10_000));
        let page = Url::parse("https://e.com/").expect("a URL");
        let patient = super::request(&renderer("http://h/content"), &page, "x", u64::MAX);
        assert_eq!(patient.timeout_ms, TIMEOUT_MS);
    }

    #[test]
    fn each_service_gets_the_token_where_it_looks_for_it() {
        let bearer = ("authorization".to_owned(), "Bearer s3cret".to_owned());
        for (url, called) in [
            (
                "https://api.cloudflare.com/client/v4/accounts/a/browser-rendering/content",
                "https://api.cloudflare.com/client/v4/accounts/a/browser-rendering/content",
            ),
            ("http://127.0.0.1:3000/content", "http://127.0.0.1:3000/content?token=s3cret"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/content?token=s3cret"),
            ("https://b.example/chromium/content", "https://b.example/chromium/content?token=s3cret"),
            ("https://b.example/content?stealth=1", "https://b.example/content?stealth=1&token=s3cret"),
            ("https://b.example/content?token=other", "https://b.example/content?token=other"),
        ] {
            let request = asked(url);
            assert_eq!(request.url, called);
            assert!(request.headers.contains(&bearer), "{url}");
        }
        let open = Renderer { token: None, ..renderer("http://127.0.0.1:3000/content") };
        let request = request(&open, &Url::parse("https://e.com/").expect("a URL"), "x", 5_000);
        assert!(
            request.url.ends_with("/content")
                && request.headers.iter().all(|(name, _)| name != "authorization")
        );
        assert!(!format!("{:?}", renderer("http://h/content?token=s3cret")).contains("s3cret"));
    }

    #[test]
    fn both_shapes_of_reply_give_the_html() {
        let html = "<!doctype html><p>Hello";
        let wrapped = json!({"success": true, "errors": [], "messages": [], "result": html}).to_string();
        for (content_type, body) in [
            ("text/html; charset=utf-8", html),
            ("", html),
            ("text/plain", html),
            ("application/json", wrapped.as_str()),
            ("application/octet-stream", wrapped.as_str()),
        ] {
            assert_eq!(parse(&reply(200, content_type, body)).as_deref(), Ok(html), "{content_type}");
        }
    }

    #[test]
    fn refusals_and_wrong_shapes_are_failures_that_repeat_nothing() {
        let deep = "{\"a\":".repeat(100_000);
        for (status, content_type, body, transient) in [
            (429, "application/json", r#"{"success":false,"errors":[{"message":"s3cret"}]}"#, true),
            (503, "text/html", "s3cret", true),
            (401, "text/plain", "token s3cret is wrong", false),
            (400, "application/json", r#"{"message":"s3cret"}"#, false),
            (
                200,
                "application/json",
                r#"{"success":false,"errors":[{"message":"s3cret"}],"result":null}"#,
                false,
            ),
            (200, "application/json", r#"{"success":true,"result":{"html":"s3cret"}}"#, false),
            (200, "application/json", r#"{"success":true,"result":"<p>cut s3cr"#, false),
            (200, "application/json", r#"{"success":true,"result":" "}"#, false),
            (200, "application/json", "[]", false),
            (200, "", deep.as_str(), false),
            (200, "text/html", "  ", false),
        ] {
            let failure = parse(&reply(status, content_type, body)).expect_err("no page");
            assert_eq!(matches!(failure, Failure::Transient { .. }), transient, "{body:.60}");
            assert!(!format!("{failure:?}").contains("s3cr"), "{failure:?}");
        }
    }

    #[test]
    fn only_shells_and_bot_checks_are_worth_a_browser() {
        assert!(may_help(&Rejection::JavascriptShell { words: 3 }) && may_help(&Rejection::ChallengePage));
        for other in [
            Rejection::LoginWall,
            Rejection::NotFound,
            Rejection::TooThin { words: 1 },
            Rejection::ConsentWall,
        ] {
            assert!(!may_help(&other), "{other}");
        }
    }
}
